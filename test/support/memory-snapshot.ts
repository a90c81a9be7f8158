/** Compiles, stores, opens and asks an organization in memory: the real compiler, bytes and evaluator, with a Map for the stores. */
import { createHash } from 'node:crypto';
import { evaluate, type Missing } from '../../src/core/evaluate/evaluate.ts';
import { type ExplainLimits, explain } from '../../src/core/evaluate/explain.ts';
import { Catalog } from '../../src/core/snapshot/catalog.ts';
import { KeyLeaf } from '../../src/core/snapshot/key-leaf.ts';
import { Manifest } from '../../src/core/snapshot/manifest.ts';
import { PrincipalLeaf } from '../../src/core/snapshot/principal-leaf.ts';
import { ResourceLeaf } from '../../src/core/snapshot/resource-leaf.ts';
import { type LeafRef, ResidentPrincipals, ResidentResources, Snapshot } from '../../src/core/snapshot/snapshot.ts';
import type { Decision } from '../../src/core/terms/decision.ts';
import type { Explanation } from '../../src/core/terms/explanation.ts';
import type { CheckOptions, CheckRequest } from '../../src/core/terms/request.ts';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import type { RowReader } from '../../src/pap/ports.ts';
import { RevisionCompiler } from '../../src/pap/publish/compile-revision.ts';
import type { Before } from '../../src/pap/publish/draft.ts';
import type { CompiledRevision, Pieces } from '../../src/pap/publish/ports.ts';
import { MemoryReader } from './memory-reader.ts';

export class MemoryPieces implements Pieces {
  readonly bytes = new Map<string, Uint8Array>();
  written = 0;

  async load(hash: string): Promise<Uint8Array> {
    const bytes = this.bytes.get(hash);
    if (bytes === undefined) throw new Error(`no piece ${hash}`);
    return bytes;
  }

  async put(hash: string, bytes: Uint8Array): Promise<void> {
    if (!this.bytes.has(hash)) this.written++;
    this.bytes.set(hash, bytes);
  }
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * @param leafWeight small, to have many leaves; absent: as in production
 * @param sizes of steps, likewise
 */
export function memoryCompiler(
  reader: RowReader,
  pieces: Pieces,
  leafWeight?: number,
  sizes?: { readonly keys: number; readonly changes: number },
): RevisionCompiler {
  const tools = { sha256: async (bytes: Uint8Array) => sha256(bytes), pause: async () => {}, leafWeight };
  return new RevisionCompiler('acme', reader, pieces, tools, sizes);
}

export function openBefore(pieces: MemoryPieces, compiled: CompiledRevision): Before {
  const manifest = new Manifest(pieces.bytes.get(compiled.manifest)!);
  return {
    manifest,
    catalog: new Catalog(pieces.bytes.get(manifest.catalogHash)!),
    skipped: compiled.problems.some(({ area }) => area !== 'catalog'),
  };
}

/** A snapshot with no leaf at hand. */
export function openSnapshot(pieces: MemoryPieces, manifestHash: string): Snapshot {
  const manifest = new Manifest(pieces.bytes.get(manifestHash)!);
  return new Snapshot(manifest, new Catalog(pieces.bytes.get(manifest.catalogHash)!));
}

export async function snapshotOf(rows: OrganizationRows, leafWeight?: number): Promise<{ snapshot: Snapshot; pieces: MemoryPieces }> {
  const pieces = new MemoryPieces();
  const compiled = await memoryCompiler(new MemoryReader(rows), pieces, leafWeight).compile(null, true);
  if (compiled === null) throw new Error('a full compile always gives a revision');
  if (compiled.problems.length > 0) throw new Error(`rows that can't be read: ${JSON.stringify(compiled.problems)}`);
  return { snapshot: openSnapshot(pieces, compiled.manifest), pieces };
}

/** Decides, bringing leaves to hand as they are asked for. */
export function ask(snapshot: Snapshot, pieces: MemoryPieces, request: CheckRequest, now: number, options?: CheckOptions): Decision {
  return withLeaves(snapshot, pieces, () => evaluate(snapshot, request, now, options));
}

/** Explains, bringing leaves to hand as they are asked for. */
export function askWhy(
  { snapshot, pieces }: { readonly snapshot: Snapshot; readonly pieces: MemoryPieces },
  request: CheckRequest,
  now: number,
  options?: CheckOptions,
  limits?: ExplainLimits,
): Explanation {
  return withLeaves(snapshot, pieces, () => explain(snapshot, request, now, options, limits));
}

function withLeaves<Answer extends object>(snapshot: Snapshot, pieces: MemoryPieces, asked: () => Answer | Missing): Answer {
  for (;;) {
    const answer = asked();
    if (!('missing' in answer)) return answer;
    for (const ref of answer.missing) bring(snapshot, pieces, ref);
  }
}

export function bring(snapshot: Snapshot, pieces: MemoryPieces, { kind, leaf }: LeafRef): void {
  const bytes = pieces.bytes.get(snapshot.manifest.directories[kind].hash(leaf))!;
  if (kind === 'principals') snapshot.principals[leaf] = new ResidentPrincipals(new PrincipalLeaf(bytes));
  else if (kind === 'resources') snapshot.resources[leaf] = new ResidentResources(new ResourceLeaf(bytes));
  else snapshot.keys[leaf] = new KeyLeaf(bytes);
}

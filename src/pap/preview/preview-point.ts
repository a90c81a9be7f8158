/** Decides on pieces that are loaded when they are needed and let go when they are too many. */
import { evaluate } from '../../core/evaluate/evaluate.ts';
import { Catalog } from '../../core/snapshot/catalog.ts';
import { KeyLeaf } from '../../core/snapshot/key-leaf.ts';
import type { Manifest } from '../../core/snapshot/manifest.ts';
import { PrincipalLeaf } from '../../core/snapshot/principal-leaf.ts';
import { ResourceLeaf } from '../../core/snapshot/resource-leaf.ts';
import { type LeafRef, ResidentPrincipals, ResidentResources, Snapshot } from '../../core/snapshot/snapshot.ts';
import type { Decision } from '../../core/terms/decision.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import type { CheckOptions, CheckRequest } from '../../core/terms/request.ts';
import type { DecisionPoint } from '../control-ports.ts';

/** leaves held at once, counted in their own bytes */
const HELD_BYTES = 12 * 1024 * 1024;
/** each round makes at least one leaf resident */
const MAX_ROUNDS = 64;

export interface LeafSource {
  load(hash: string): Promise<Uint8Array>;
}

export class PieceDecisionPoint implements DecisionPoint {
  readonly snapshot: Snapshot;
  readonly #source: LeafSource;
  /** a snapshot of another revision: what it has at hand of the same pieces needn't be loaded */
  readonly #beside: Snapshot | undefined;
  /** least recently loaded first */
  readonly #held = new Map<string, { readonly ref: LeafRef; readonly bytes: number }>();
  #bytes = 0;

  constructor(manifest: Manifest, catalog: Catalog, source: LeafSource, beside: Snapshot | undefined) {
    this.snapshot = new Snapshot(manifest, catalog);
    this.#source = source;
    this.#beside = beside;
  }

  get revision(): number {
    return this.snapshot.revision;
  }

  /** A value when all leaves are at hand, else a promise of it. */
  decide(request: CheckRequest, now: number, options?: CheckOptions): Decision | Promise<Decision> {
    const answer = evaluate(this.snapshot, request, now, options);
    return 'missing' in answer ? this.#decideLoading(answer.missing, request, now, options) : answer;
  }

  /** Puts a leaf at hand. */
  async bring(ref: LeafRef): Promise<void> {
    const { snapshot } = this;
    if (snapshot[ref.kind][ref.leaf] !== undefined) return;
    const directory = snapshot.manifest.directories[ref.kind];
    const hash = directory.hash(ref.leaf);
    if (ref.kind === 'principals') {
      snapshot.principals[ref.leaf] = new ResidentPrincipals(
        this.#sharedPrincipals(hash) ?? new PrincipalLeaf(await this.#source.load(hash)),
      );
    } else if (ref.kind === 'resources') {
      snapshot.resources[ref.leaf] = new ResidentResources(this.#sharedResources(hash) ?? new ResourceLeaf(await this.#source.load(hash)));
    } else {
      snapshot.keys[ref.leaf] = new KeyLeaf(await this.#source.load(hash));
    }
    this.#hold(hash, ref, directory.bytes(ref.leaf));
  }

  async #decideLoading(first: readonly LeafRef[], request: CheckRequest, now: number, options?: CheckOptions): Promise<Decision> {
    let missing = first;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      for (const ref of missing) await this.bring(ref);
      const answer = evaluate(this.snapshot, request, now, options);
      if (!('missing' in answer)) return answer;
      missing = answer.missing;
    }
    throw new BitgateError('preview_too_large', 413, `a single decision needs more than ${MAX_ROUNDS} rounds of leaves`);
  }

  /** Letting leaves go is harmless: what is missing is loaded again. Those of one decision fit, or it is refused. */
  #hold(hash: string, ref: LeafRef, bytes: number): void {
    this.#held.set(hash, { ref, bytes });
    this.#bytes += bytes;
    for (const [oldest, held] of this.#held) {
      if (this.#bytes <= HELD_BYTES || oldest === hash) break;
      this.#held.delete(oldest);
      this.#bytes -= held.bytes;
      this.snapshot[held.ref.kind][held.ref.leaf] = undefined;
    }
  }

  /** The leaf alone is shared: what a resident one resolved belongs to its own revision. */
  #sharedPrincipals(hash: string): PrincipalLeaf | undefined {
    const at = this.#placeBeside('principals', hash);
    return at < 0 ? undefined : this.#beside?.principals[at]?.leaf;
  }

  #sharedResources(hash: string): ResourceLeaf | undefined {
    const at = this.#placeBeside('resources', hash);
    return at < 0 ? undefined : this.#beside?.resources[at]?.leaf;
  }

  #places: ReadonlyMap<string, number> | undefined;

  #placeBeside(kind: 'principals' | 'resources', hash: string): number {
    this.#places ??= placesOf(this.#beside);
    return this.#places.get(`${kind} ${hash}`) ?? -1;
  }
}

function placesOf(snapshot: Snapshot | undefined): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  if (snapshot === undefined) return places;
  for (const kind of ['principals', 'resources'] as const) {
    const directory = snapshot.manifest.directories[kind];
    for (let leaf = 0; leaf < directory.count; leaf++) places.set(`${kind} ${directory.hash(leaf)}`, leaf);
  }
  return places;
}

/** The catalog of a revision, opened; `held` when it is the same one. */
export async function catalogOf(manifest: Manifest, source: LeafSource, held: Snapshot | undefined): Promise<Catalog> {
  if (held !== undefined && held.manifest.catalogHash === manifest.catalogHash) return held.catalog;
  return new Catalog(await source.load(manifest.catalogHash));
}

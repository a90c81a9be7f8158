/**
 * One piece by the hash of its bytes: from KV, or from the Publisher when KV lacks it, is slow, or lies. A miss is never an answer:
 * what comes back has the hash it was asked by and could be opened.
 */
import type { FreshnessBounds } from './bounds.ts';
import type { Metrics } from './metrics.ts';
import type { OrganizationPorts, Surroundings } from './ports.ts';
import { LATE, within } from './waiting.ts';

/** No copy of a piece could be had, or none was right. */
export class PieceUnavailable extends Error {
  override readonly name = 'PieceUnavailable';
}

export interface PieceSource {
  readonly organization: string;
  readonly ports: OrganizationPorts;
  readonly surroundings: Surroundings;
  readonly bounds: FreshnessBounds;
  readonly metrics: Metrics;
}

/**
 * @param open reads the bytes; throws when they are not the piece that is wanted
 * @param told what the Publisher sent unasked, judged as every copy is
 * @throws PieceUnavailable
 */
export async function loadPiece<T extends object>(
  source: PieceSource,
  hash: string,
  open: (bytes: Uint8Array) => T,
  told: ArrayBuffer | null = null,
): Promise<T> {
  const { bounds, metrics, surroundings, ports } = source;
  const known = told === null ? undefined : await copy(source, hash, open, 'the Publisher', async () => told);
  if (known !== undefined) {
    metrics.piecesFromPublisher++;
    return known;
  }
  const fromKv = copy(source, hash, open, 'KV', () => ports.blobs.blob(hash));
  const early = await within(fromKv, bounds.hedgeMs, surroundings);
  if (early !== LATE && early !== undefined) {
    metrics.piecesFromKv++;
    return early;
  }
  const fromPublisher = copy(source, hash, open, 'the Publisher', () => ports.publisher.blob(hash));
  const piece = await within(firstRight([fromKv, fromPublisher]), bounds.pieceWaitMs, surroundings);
  if (piece === LATE || piece === undefined) {
    metrics.alarm(`no good copy of piece \`${hash}\` of \`${source.organization}\``);
    throw new PieceUnavailable(`piece \`${hash}\` can't be loaded`);
  }
  if (piece.index === 0) metrics.piecesFromKv++;
  else metrics.piecesFromPublisher++;
  return piece.value;
}

/** One copy, opened; undefined when it is not there, can't be reached or is wrong. Never rejects. */
async function copy<T>(
  { organization, surroundings, metrics }: PieceSource,
  hash: string,
  open: (bytes: Uint8Array) => T,
  place: string,
  fetch: () => Promise<ArrayBuffer | null>,
): Promise<T | undefined> {
  let bytes: ArrayBuffer | null;
  try {
    bytes = await fetch();
  } catch {
    return undefined;
  }
  if (bytes === null) return undefined;
  try {
    const found = await surroundings.sha256(bytes);
    if (found !== hash) throw new Error(`its bytes have the hash \`${found}\``);
    return open(new Uint8Array(bytes));
  } catch (error) {
    metrics.alarm(
      `piece \`${hash}\` of \`${organization}\` from ${place} is wrong: ${error instanceof Error ? error.message : 'unknown error'}`,
    );
    return undefined;
  }
}

/** The first that is defined and its place in the list; undefined when none is. */
function firstRight<T>(copies: readonly Promise<T | undefined>[]): Promise<{ readonly index: number; readonly value: T } | undefined> {
  return Promise.any(
    copies.map(async (one, index) => {
      const value = await one;
      if (value === undefined) throw new PieceUnavailable('no copy here');
      return { index, value };
    }),
  ).catch(() => undefined);
}

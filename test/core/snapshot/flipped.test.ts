/**
 * Every byte of every piece of a small, complete snapshot, flipped in every bit, with no hash in the way: the piece is refused, or it is read to its end and
 * decided with, and nothing else is thrown. (That the hash tells each of them, and what users see: `test/faults/flipped-bytes.test.ts`.)
 */
import { describe, expect, it } from 'vitest';
import { Manifest } from '../../../src/core/snapshot/manifest.ts';
import { CorruptPiece, type PieceKind } from '../../../src/core/snapshot/sections.ts';
import { MemoryReader } from '../../support/memory-reader.ts';
import { ask, MemoryPieces, memoryCompiler, openSnapshot } from '../../support/memory-snapshot.ts';
import { SMALL_ORGANIZATION } from './organization.ts';
import { READ } from './samples.ts';

const NOW = Date.UTC(2026, 4, 15);
const MASKS = [1, 2, 4, 8, 16, 32, 64, 128, 255];

const QUESTIONS = ['user:ada', 'user:bertolt', 'user:zoë', 'api_key:print', 'user:nobody'].flatMap((subject) =>
  ['manuscript:memoir, part 2', 'series:crime', 'project:poetry'].map((resource) => ({
    subject: entity(subject),
    action: { name: 'publish' },
    resource: entity(resource),
    context: { network: 'office' },
  })),
);

function entity(ref: string): { type: string; id: string } {
  const [type = '', ...id] = ref.split(':');
  return { type, id: id.join(':') };
}

/** A piece that nobody has is refused, too. */
class Held extends Map<string, Uint8Array> {
  override get(hash: string): Uint8Array {
    const bytes = super.get(hash);
    if (bytes === undefined) throw new CorruptPiece(`there is no piece ${hash}`);
    return bytes;
  }
}

async function published(): Promise<{ readonly pieces: MemoryPieces; readonly manifest: string; readonly kinds: Map<string, PieceKind> }> {
  const pieces = Object.assign(new MemoryPieces(), { bytes: new Held() });
  const compiled = (await memoryCompiler(new MemoryReader(SMALL_ORGANIZATION), pieces).compile(null, true))!;
  const manifest = new Manifest(pieces.bytes.get(compiled.manifest)!);
  const { leaves } = manifest.model();
  const kinds = new Map<string, PieceKind>([
    [compiled.manifest, 'manifest'],
    [manifest.catalogHash, 'catalog'],
  ]);
  for (const kind of ['principals', 'resources', 'keys'] as const) for (const { hash } of leaves[kind]) kinds.set(hash, kind);
  return { pieces, manifest: compiled.manifest, kinds };
}

/**
 * Is it done to its end? What is thrown but refusals passes.
 * @param refusals `SyntaxError`: a text that is read when it is needed, properties for example, is JSON no more
 */
function isDone(work: () => unknown, refusals: readonly (new (...given: never[]) => Error)[] = [CorruptPiece]): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (refusals.some((each) => error instanceof each)) return false;
    throw error;
  }
}

describe('a snapshot with one bit, or a whole byte, flipped', () => {
  it('is refused, or read and decided with to the end, whichever byte of whichever piece it is', async () => {
    const { pieces, manifest, kinds } = await published();
    expect(new Set(kinds.values())).toEqual(new Set(['manifest', 'catalog', 'principals', 'resources', 'keys']));
    const decide = (): unknown => QUESTIONS.map((question) => ask(openSnapshot(pieces, manifest), pieces, question, NOW));
    expect(isDone(decide)).toBe(true);
    const counted = { bytes: 0, flips: 0, read: 0, decided: 0 };
    for (const [hash, kind] of kinds) {
      const good = pieces.bytes.get(hash)!;
      counted.bytes += good.length;
      for (let at = 0; at < good.length; at++) {
        for (const mask of MASKS) {
          const bad = good.slice();
          bad[at]! ^= mask;
          pieces.bytes.set(hash, bad);
          counted.flips++;
          const where = `${kind}, byte ${at}, bits ${mask}`;
          try {
            if (isDone(() => READ[kind](bad))) counted.read++;
            if ((mask === 255 || mask === 1 << (at % 8)) && isDone(decide, [CorruptPiece, SyntaxError])) counted.decided++;
          } catch (error) {
            throw new Error(`${where}: ${error}`, { cause: error });
          }
        }
      }
      pieces.bytes.set(hash, good);
    }
    const { bytes, flips, read, decided } = counted;
    console.info(
      `${flips} flips in ${bytes} bytes of ${kinds.size} pieces: ${flips - read} refused, ${read} read; ${decided} times decided with`,
    );
    expect(flips).toBe(bytes * MASKS.length);
    expect(flips - read).toBeGreaterThan(bytes);
  });
});

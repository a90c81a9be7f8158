/**
 * What a small organization comes to, piece by piece, as readable text: golden/*.txt. To accept a change, run this test with
 * UPDATE_GOLDEN=1 and read the difference. The manifest's text holds every piece's hash: so it changes with any byte.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describePiece } from '../../../src/core/snapshot/describe.ts';
import { snapshotOf } from '../../support/memory-snapshot.ts';
import { SMALL_ORGANIZATION } from './organization.ts';
import { SAMPLES } from './samples.ts';

const GOLDEN = join(import.meta.dirname, 'golden');
const ROOT = join(import.meta.dirname, '../../..');

function expectGolden(name: string, text: string): void {
  const file = join(GOLDEN, `${name}.txt`);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

describe('a small organization', () => {
  it('is described piece by piece as its golden files say', async () => {
    const { snapshot, pieces } = await snapshotOf(SMALL_ORGANIZATION);
    const texts = new Map([...pieces.bytes.values()].map((bytes) => describePiece(bytes)).map((text) => [text.split(',')[0]!, text]));
    expect([...texts.keys()].sort()).toEqual(['catalog', 'keys', 'manifest', 'principals', 'resources']);
    for (const [kind, text] of texts) expectGolden(kind, text);
    expect(snapshot.revision).toBe(1);
  });
});

describe('dump-snapshot', () => {
  const script = join(ROOT, 'scripts/dump-snapshot.ts');
  const node = join(ROOT, 'node_modules/.bin/node');

  function run(files: readonly string[]): { readonly status: number; readonly out: string; readonly err: string } {
    try {
      return { status: 0, out: execFileSync(node, [script, ...files], { encoding: 'utf8', stdio: 'pipe' }), err: '' };
    } catch (error) {
      // what execFileSync throws when the process ends with another status than 0
      const failed = error as { readonly status: number; readonly stdout: string; readonly stderr: string };
      return { status: failed.status, out: failed.stdout, err: failed.stderr };
    }
  }

  it('prints what the pieces in files hold, and says of other files that they are none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bitgate-dump-'));
    try {
      const good = join(folder, 'good');
      const bad = join(folder, 'bad');
      writeFileSync(good, SAMPLES.principals);
      writeFileSync(bad, 'something else');
      expect(run([good])).toEqual({ status: 0, out: describePiece(SAMPLES.principals), err: '' });
      const mixed = run([bad, good, join(folder, 'missing')]);
      expect(mixed.status).toBe(1);
      expect(mixed.out).toContain(describePiece(SAMPLES.principals));
      expect(mixed.err).toContain(`${bad}: no piece of format 1`);
      expect(mixed.err).toContain('missing: ENOENT');
      expect(run([]).err).toContain('usage');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

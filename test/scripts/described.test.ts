import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { BUNDLED } from '../../scripts/lib/bundle.ts';

const OPTIONS = { ...BUNDLED, minifySyntax: true, define: { DESCRIBED: 'false' } } as const satisfies BuildOptions;

/** Top-level variables that are undefined for good and are used nevertheless. */
async function usedUndefined(input: BuildOptions): Promise<string[]> {
  const once = await build({ ...OPTIONS, ...input, write: false });
  // Twice: what describes is found to be undefined too late to be left out at once.
  const contents = once.outputFiles[0]?.text ?? '';
  const twice = await build({ ...OPTIONS, stdin: { contents, resolveDir: import.meta.dirname } });
  const statements = (twice.outputFiles[0]?.text ?? '').split('\n').filter((line) => /^(?:var|let|const) /.test(line));
  return statements.flatMap((line) => [...line.matchAll(/(\w+) = void 0\b/g)].map(([, name = '']) => name));
}

describe('a Worker without the description of its API', () => {
  it('uses nothing that only describes', async () => {
    expect(await usedUndefined({ entryPoints: [join(import.meta.dirname, '../../src/worker.ts')] })).toEqual([]);
  });

  it('would be found out', async () => {
    const contents = `
      function described(make) { if (DESCRIBED) return make(); }
      const shape = described(() => ({ a: 1 })), unused = described(() => ({ b: shape }));
      export default { ...shape };`;
    expect(await usedUndefined({ stdin: { contents } })).toEqual(['shape']);
  });
});

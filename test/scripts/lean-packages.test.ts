/** The packages as the deployed Worker takes them. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeLeanPackages } from '../../scripts/lib/lean-packages.ts';

const PACKAGES = join(import.meta.dirname, '../../node_modules');

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bitgate-lean-'));
  mkdirSync(join(root, 'node_modules/@marcbachmann'), { recursive: true });
  for (const name of ['zod', 'js-yaml', '@marcbachmann/cel-js']) symlinkSync(join(PACKAGES, name), join(root, 'node_modules', name), 'dir');
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

const made = (file: string): Promise<Record<string, unknown>> => import(join(root, 'node_modules/.cache/lean', file));

describe('the packages of a Worker that does not describe itself', () => {
  it('have every name that the whole ones have', async () => {
    makeLeanPackages(root, false);
    for (const [file, whole] of [
      ['zod/index.js', await import('zod')],
      ['cel-js/lib/index.js', await import('@marcbachmann/cel-js')],
      ['js-yaml/dist/js-yaml.mjs', await import('js-yaml')],
    ] as const)
      expect(Object.keys(await made(file)).sort(), file).toEqual(Object.keys(whole).sort());
  });

  it('evaluate conditions and read YAML as the whole ones do', async () => {
    makeLeanPackages(root, false);
    const cel: typeof import('@marcbachmann/cel-js') = await import(join(root, 'node_modules/.cache/lean/cel-js/lib/index.js'));
    const yaml: typeof import('js-yaml') = await import(join(root, 'node_modules/.cache/lean/js-yaml/dist/js-yaml.mjs'));
    const environment = new cel.Environment().registerVariable('a', 'int');
    expect(environment.parse('a + 1 > 2 && [1, 2].exists(x, x == a)')({ a: 2n })).toBe(true);
    expect(yaml.load('a: [1, "b", null, 1.5, true]')).toEqual({ a: [1, 'b', null, 1.5, true] });
  });
});

describe('the packages of a Worker that describes itself', () => {
  it('make JSON schemas', async () => {
    makeLeanPackages(root, true);
    const zod: typeof import('zod') = await import(join(root, 'node_modules/.cache/lean/zod/index.js'));
    expect(zod.toJSONSchema(zod.string())).toMatchObject({ type: 'string' });
  });
});

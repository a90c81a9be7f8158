import { describe, expect, it } from 'vitest';
import { importsOf } from '../../scripts/lib/imports.ts';
import { violations } from '../../scripts/lib/layers.ts';

const check = (file: string, text: string): string[] => violations(file, importsOf(text));

describe('what a file imports', () => {
  it('is found in every form, with its line', () => {
    const text = [
      "import { a } from './a.ts';",
      "import type { B } from './b.ts';",
      'import {',
      '  c,',
      '  type D,',
      "} from './c.ts';",
      "export * from './e.ts';",
      "export type { F } from './f.ts';",
      "import './g.ts';",
      "const h = await import('./h.ts');",
      "type I = typeof import('./i.ts');",
      "type J = import('./j.ts').J;",
    ].join('\n');
    expect(importsOf(text)).toEqual([
      { specifier: './a.ts', typeOnly: false, line: 1 },
      { specifier: './b.ts', typeOnly: true, line: 2 },
      { specifier: './c.ts', typeOnly: false, line: 3 },
      { specifier: './e.ts', typeOnly: false, line: 7 },
      { specifier: './f.ts', typeOnly: true, line: 8 },
      { specifier: './g.ts', typeOnly: false, line: 9 },
      { specifier: './h.ts', typeOnly: false, line: 10 },
      { specifier: './i.ts', typeOnly: true, line: 11 },
      { specifier: './j.ts', typeOnly: true, line: 12 },
    ]);
  });

  it('is not what a comment says, and a string with slashes hides nothing', () => {
    const text = "// import { a } from './a.ts';\n/*\nimport './b.ts';\n*/\nconst url = 'https://x';\nimport { c } from './c.ts';";
    expect(importsOf(text)).toEqual([{ specifier: './c.ts', typeOnly: false, line: 6 }]);
  });
});

describe('the layers', () => {
  it.each([
    ['src/core/compile/a.ts', "import { b } from '../evaluate/b.ts';", '`src/core/compile/` may not import `src/core/evaluate/b.ts`'],
    ['src/core/evaluate/a.ts', "import type { B } from '../compile/b.ts';", '`src/core/evaluate/` may not import `src/core/compile/b.ts`'],
    ['src/core/snapshot/a.ts', "import { b } from '../compile/b.ts';", '`src/core/snapshot/` may not import'],
    ['src/core/terms/a.ts', "import { z } from 'zod';", '`src/core/terms/` may not import the package `zod`'],
    ['src/core/evaluate/a.ts', "import { parse } from '@marcbachmann/cel-js';", 'may not import the package `@marcbachmann/cel-js`'],
    ['src/core/sets/a.ts', "import { readFileSync } from 'node:fs';", 'may not import the package `node:fs`'],
    ['src/pap/a.ts', "import type { B } from '../storage/d1/b.ts';", '`src/pap/` may not import `src/storage/d1/b.ts`'],
    ['src/pdp/a.ts', "import { b } from '../http/check/routes.ts';", '`src/pdp/` may not import `src/http/check/routes.ts`'],
    ['src/http/check/routes.ts', "import { b } from '../admin/wire.ts';", '`src/http/check/` may not import `src/http/admin/wire.ts`'],
    ['src/http/check/routes.ts', "import { b } from '../../pap/b.ts';", '`src/http/check/` may not import `src/pap/b.ts`'],
    ['src/http/admin/routes.ts', "import { b } from '../../storage/kv/b.ts';", '`src/http/admin/` may not import `src/storage/kv/b.ts`'],
    ['src/authn/a.ts', "import { b } from '../pdp/b.ts';", '`src/authn/` may not import `src/pdp/b.ts`'],
    ['src/client/a.ts', "import { b } from '../core/terms/b.ts';", '`src/client/` may import only types from `src/core/terms/b.ts`'],
    ['src/storage/a.ts', "import { Publisher } from '../worker.ts';", 'nothing imports it'],
    ['test/oracle/a.ts', "import { b } from '../../src/core/terms/b.ts';", '`test/oracle/` may import only types from'],
    ['src/core/naive/a.ts', "import { b } from '../terms/b.ts';", '`src/core/naive/` may import only types from'],
    ['src/core/naive/a.ts', "import type { B } from '../evaluate/b.ts';", '`src/core/naive/` may not import `src/core/evaluate/b.ts`'],
    ['src/elsewhere/a.ts', '', 'belongs to no layer'],
  ])('refuse in %s: %s', (file, text, message) => {
    expect(check(file, text)).toEqual([expect.stringContaining(message)]);
  });

  it('say file and line', () => {
    expect(check('src/pdp/a.ts', "\n\nimport { b } from '../storage/b.ts';")[0]).toMatch(/^src\/pdp\/a\.ts:3: /);
  });

  it.each([
    ['src/core/compile/a.ts', "import { b } from '../snapshot/b.ts';\nimport { c } from '../condition/c.ts';"],
    ['src/core/condition/a.ts', "import { parse } from '@marcbachmann/cel-js';"],
    ['src/http/admin/routes.ts', "import { b } from '../common/b.ts';\nimport { c } from '../../pap/c.ts';\nimport { Hono } from 'hono';"],
    ['src/client/a.ts', "import type { B } from '../core/terms/b.ts';"],
    ['src/worker.ts', "import { b } from './storage/b.ts';\nimport { c } from './http/check/routes.ts';"],
    ['test/oracle/a.ts', "import type { B } from '../../src/core/terms/rows.ts';"],
    ['test/oracle/a.ts', "import { b } from '../../src/core/naive/b.ts';"],
    ['test/core/a.test.ts', "import { b } from '../../src/core/compile/b.ts';"],
  ])('allow in %s: %s', (file, text) => {
    expect(check(file, text)).toEqual([]);
  });
});

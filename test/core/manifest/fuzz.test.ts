import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitgateError } from '../../../src/core/terms/problem.ts';
import { exportManifest } from '../../../src/pap/manifest/export/export.ts';
import { parseManifest } from '../../../src/pap/manifest/parse.ts';
import { planChanges } from '../../../src/pap/manifest/plan.ts';
import { toYaml } from '../../../src/pap/manifest/yaml-write.ts';
import { organization, RICH, resolved } from './support.ts';

const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  '',
  ':',
  '/',
  'org',
  'group:',
  'a:',
  ':a',
  '\ud800',
  '\u0000',
  [],
  {},
  [null],
  [[]],
  { a: 1 },
  '__proto__',
  'toString',
];

/** Every place of a value, deepest last. */
function placesIn(value: unknown, path: readonly string[] = []): string[][] {
  const children = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [[...path], ...children.flatMap(([key, child]) => placesIn(child, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy: Record<string, unknown> = Array.isArray(value)
    ? ([...value] as unknown as Record<string, unknown>)
    : { ...(value as object) }; // by index or key
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

/** What `run` gives, or undefined when it was refused; anything but a refusal fails the test. */
function unlessRefused<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof BitgateError && error.status < 500) return undefined;
    throw error;
  }
}

describe('whatever is put in a document', () => {
  const places = placesIn(RICH);

  it('it is refused, or resolved to rows that export and resolve to themselves', () => {
    let accepted = 0;
    for (const [i, path] of places.entries()) {
      for (const odd of ODD) {
        const tables = unlessRefused(() => resolved(replaced(RICH, path, odd), organization()));
        if (tables === undefined) continue;
        accepted++;
        if (i % 7 !== 0) continue;
        expect(planChanges(tables, resolved(exportManifest(tables), tables)).plan.changes).toEqual([]);
      }
    }
    expect(accepted).toBeGreaterThan(places.length);
    expect(accepted).toBeLessThan((places.length * ODD.length) / 2);
  });

  it('a key named like a part of every object is unknown as any other', () => {
    const document = JSON.parse('{"bitgate":1,"__proto__":{"roles":[]},"constructor":1,"roles":[{"name":"a","__proto__":1}]}');
    expect(() => resolved(document)).toThrow('3 problems');
  });

  it('properties keep every key', () => {
    const properties = JSON.parse('{"__proto__":{"a":1},"constructor":2,"":3}');
    const tables = resolved({ bitgate: 1, subjects: [{ type: 'u', id: '1', properties }] });
    expect(tables.subjects[0]?.properties).toBe('{"":3,"__proto__":{"a":1},"constructor":2}');
    expect(parseManifest(toYaml(exportManifest(tables)), 'yaml')).toEqual(exportManifest(tables));
  });
});

describe('whatever the text is', () => {
  it('JSON is taken exactly if JSON.parse takes it, duplicate keys and exponents beyond a double apart', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-',
      '.5',
      'true',
      'null',
      ' ',
      '\n',
      '\\',
      '"',
      'e1',
      '"\\u00e9"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.json(), fc.nat(), (pieces, json, at) => {
        const broken = `${json.slice(0, at % (json.length + 1))}${pieces[0] ?? ''}${json.slice(at % (json.length + 1))}`;
        for (const text of [pieces.join(''), json, broken]) {
          const ours = unlessRefused(() => ({ value: parseManifest(text, 'json') }));
          if (ours !== undefined) expect(ours.value).toEqual(JSON.parse(text));
          else if (!hasDuplicateKeys(text) && !/\d{3}/.test(text)) expect(() => JSON.parse(text)).toThrow();
        }
      }),
      { numRuns: 1_000, examples: [[[], '{"a":"v",":":1,":":2}', 0]] },
    );
  });

  it('YAML is read or refused, never more', () => {
    const piece = fc.constantFrom(
      'a: ',
      '- ',
      '\n',
      '  ',
      '{',
      '}',
      '[',
      ']',
      ', ',
      '&a ',
      '*a',
      '!x ',
      '|\n',
      '"',
      "'",
      '#',
      '? ',
      '%',
      '---',
      '1',
      '~',
      '\t',
      '<<: ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => void unlessRefused(() => parseManifest(pieces.join(''), 'yaml'))),
      { numRuns: 2_000 },
    );
  });

  it('any JSON value is the same through YAML', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const document = { bitgate: 1 as const, subjects: [{ type: 'u', id: '1', properties: { value } as never }] };
        const plain = JSON.parse(JSON.stringify(document));
        expect(parseManifest(toYaml(plain), 'yaml')).toEqual(plain);
      }),
      { numRuns: 500 },
    );
  });
});

/** True also of a text whose keys only look alike: then nothing is claimed of it. */
function hasDuplicateKeys(text: string): boolean {
  // Every text in turn, so that none begins at the end of another; a key is one with a colon behind it.
  const texts = text.match(/"(?:[^"\\]|\\.)*"(?:\s*:)?/g) ?? [];
  const keys = texts.filter((each) => each.endsWith(':')).map((each) => each.slice(0, each.lastIndexOf('"') + 1));
  return new Set(keys.map((key) => key.toLowerCase())).size < keys.length || keys.some((key) => key.includes('\\'));
}

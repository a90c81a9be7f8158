/** FORMAT.md against the code: what it shows byte by byte is what is written, and read. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEAF_WEIGHT } from '../../../src/core/compile/cutter.ts';
import { hash32 } from '../../../src/core/sets/hash.ts';
import { CODECS } from '../../../src/core/snapshot/codec.ts';
import { encodeCatalog } from '../../../src/core/snapshot/encode-catalog.ts';
import { catalog, keys } from './arbitrary.ts';
import { READ, SAMPLES } from './samples.ts';
import { readCatalog, readKeys, readManifest } from './second-reader.ts';

const FORMAT = readFileSync(join(import.meta.dirname, '../../../src/core/snapshot/FORMAT.md'), 'utf8');

/** The part below a heading, up to the next one of its level. */
function part(heading: string): string {
  const found = FORMAT.split(/^## /m).find((text) => text.startsWith(`${heading}`));
  if (found === undefined) throw new Error(`FORMAT.md has no heading \`${heading}\``);
  return found;
}

function block(text: string, language: string): string {
  const found = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(text)?.[1];
  if (found === undefined) throw new Error(`FORMAT.md has no block of ${language}`);
  return found;
}

/** Bytes of lines `offset  bytes  ; remark`. */
function bytesOf(dump: string): number[] {
  const bytes: number[] = [];
  for (const line of dump.trimEnd().split('\n')) {
    const [offset, ...pairs] = line.replace(/;.*/, '').trim().split(/\s+/);
    expect(Number.parseInt(offset!, 16), line).toBe(bytes.length);
    bytes.push(...pairs.map((pair) => Number.parseInt(pair, 16)));
  }
  return bytes;
}

describe('FORMAT.md', () => {
  it.each([
    ['Example: a principal leaf', CODECS.principals],
    ['Example: a resource leaf', CODECS.resources],
  ] as const)('shows the bytes of its %s, and what they say', (heading, codec) => {
    const example = part(heading);
    const entries = JSON.parse(block(example, 'json'));
    const bytes = bytesOf(block(example, 'hex'));
    expect([...codec.encode(entries)]).toEqual(bytes);
    expect(codec.decode(Uint8Array.from(bytes))).toEqual(entries);
  });

  it('gives the right values of hash32', () => {
    const rows = [...part('hash32').matchAll(/^\| `(".*")` \| `([0-9a-f]{8})` \|$/gm)];
    expect(rows.length).toBeGreaterThanOrEqual(8);
    for (const [, json, hex] of rows) expect(hash32(JSON.parse(json!)).toString(16).padStart(8, '0'), json).toBe(hex);
  });

  it('lets a second reader, written from it, read catalogs, key leaves and manifests', () => {
    fc.assert(
      fc.property(catalog, keys, (model, entries) => {
        expect(readCatalog(encodeCatalog(model))).toEqual(model);
        expect(readKeys(CODECS.keys.encode(entries))).toEqual(entries);
      }),
    );
    for (const [kind, read] of Object.entries({ catalog: readCatalog, keys: readKeys, manifest: readManifest })) {
      // the kinds are keys of both
      const name = kind as 'catalog' | 'keys' | 'manifest';
      expect(read(SAMPLES[name])).toEqual(READ[name](SAMPLES[name]));
    }
  });

  it('tells as many sections of each kind as its pieces have', () => {
    const names = { catalog: 'Catalog', principals: 'Principal leaf', resources: 'Resource leaf', keys: 'Key leaf', manifest: 'Manifest' };
    for (const [kind, name] of Object.entries(names)) {
      // the kinds are the keys of both
      const bytes = SAMPLES[kind as keyof typeof SAMPLES];
      expect(FORMAT).toContain(`## ${name}: ${new DataView(bytes.buffer).getUint32(8, true)} sections\n`);
    }
  });

  it('tells the limit above which leaves are cut', () => {
    expect(part('Where leaves are cut')).toContain(`weighs at most ${LEAF_WEIGHT.toLocaleString('en-US')} `);
  });

  it('tells the version of the pieces, and their letters', () => {
    for (const bytes of Object.values(SAMPLES)) {
      const [b, g, letter, version] = String.fromCharCode(...bytes.subarray(0, 4));
      expect(`${b}${g}`).toBe('bg');
      expect(FORMAT).toContain(`| \`${letter}\` |`);
      expect(FORMAT).toContain(`the format's version: \`${version}\``);
    }
  });

  it('is read at addresses that are no multiple of 8, Buffers too', () => {
    for (const [kind, bytes] of Object.entries(SAMPLES)) {
      const odd = new Uint8Array(bytes.length + 1).subarray(1);
      odd.set(bytes);
      const buffer = Buffer.from(new ArrayBuffer(bytes.length + 3), 3);
      buffer.set(bytes);
      // the kinds are the keys of both
      const read = READ[kind as keyof typeof READ];
      expect(read(odd), kind).toEqual(read(bytes));
      expect(read(buffer), kind).toEqual(read(bytes));
    }
  });
});

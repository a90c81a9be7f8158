/** Bytes into lines, lines into items, items into chunks. */
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/core/terms/limits.ts';
import { BitgateError } from '../../../src/core/terms/problem.ts';
import { chunksOf } from '../../../src/pap/import/chunks.ts';
import { type KINDS, readLine } from '../../../src/pap/import/items.ts';
import { linesOf } from '../../../src/pap/import/lines.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function* pieces(all: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

async function read(all: Uint8Array, size: number, first = 1): Promise<string[]> {
  const lines: string[] = [];
  for await (const block of linesOf(pieces(all, size), first)) for (const { line, text } of block) lines.push(`${line} ${text}`);
  return lines;
}

describe('the lines of a body', () => {
  it.each([1, 2, 3, 5, 7, 64])('are the same in pieces of %i bytes', async (size) => {
    expect(await read(bytes('\ufeffä\n\n𝒳\r\nlast'), size, 7)).toEqual(['7 ä', '8 ', '9 𝒳\r', '10 last']);
    expect(await read(bytes('a\nb\n'), size)).toEqual(['1 a', '2 b']);
    expect(await read(bytes(''), size)).toEqual([]);
  });

  it.each([1, 3, 100])('are refused by number where they are no UTF-8, in pieces of %i bytes', async (size) => {
    const bad = new Uint8Array([...bytes('a\nb\nc'), 0xff, ...bytes('\nd\n')]);
    await expect(read(bad, size)).rejects.toMatchObject({ code: 'malformed_line', details: { line: 3 } });
  });

  it('are put together from any number of pieces', async () => {
    const long = `${'x'.repeat(10_000)}ä`;
    expect(await read(bytes(`${long}\n${long}`), 1)).toEqual([`1 ${long}`, `2 ${long}`]);
  });

  it('are bounded', async () => {
    const long = new Uint8Array(5 * 1024 * 1024).fill(0x20);
    await expect(read(new Uint8Array([...bytes('a\n'), ...long.subarray(0, 100)]), 10)).resolves.toHaveLength(2);
    await expect(read(new Uint8Array([...bytes('a\n'), ...long]), 65_536)).rejects.toMatchObject({ details: { line: 2 } });
  });
});

describe('a line', () => {
  it('has so many values at most: each may be a fault', () => {
    const role = (count: number): string => `{"kind":"role","name":"R,,","privileges":[${'1,'.repeat(count - 1)}1]}`;
    const codes = (text: string) =>
      new Set([readLine({ line: 1, text })].flat().map((each) => each !== null && 'code' in each && each.code));
    expect(codes(role(LIMITS.importLineValues - 2))).toEqual(new Set(['wrong_type']));
    expect(codes(role(LIMITS.importLineValues))).toEqual(new Set(['too_many']));
  });

  it('of each kind is read, and what says nothing is passed over', () => {
    const items: Record<(typeof KINDS)[number], object> = {
      privilege: { name: 'view' },
      policy: { name: 'P', privileges: [] },
      role: { name: 'R', project: 'p1' },
      group: { name: 'G' },
      membership: { group: 'G', member: 'user:a' },
      project: { id: 'p1' },
      resource: { type: 'dataset', id: 'd' },
      subject: { type: 'user', id: 'a' },
      assignment: { subject: 'user:a', role: 'R', scope: 'org' },
      route: { position: 0, hosts: ['*'], methods: ['GET'], path: '/', action: 'view' },
      settings: {},
    };
    for (const [kind, item] of Object.entries(items)) {
      expect(readLine({ line: 3, text: JSON.stringify({ kind, ...item }) })).toEqual({ line: 3, item: { kind, ...item } });
    }
    for (const text of ['', ' \t\r', '{"kind":"end","revision":1,"next":null}']) expect(readLine({ line: 1, text })).toBeNull();
  });

  it.each([
    ['{"kind":"group","name":"G","members":[]}', 'members unknown_key'],
    ['{"kind":"project","id":"p","roles":[]}', 'roles unknown_key'],
    ['{"kind":"route","position":-1,"hosts":["*"],"methods":["GET"],"path":"/","action":"a"}', 'position invalid_value'],
    [`${'['.repeat(40)}${']'.repeat(40)}`, ' document_too_deep'],
    ['{"kind":"subject","type":"user","id":"a","properties":{"a":1e999}}', ' malformed_document'],
  ])('is refused with its path: %s', (text, fault) => {
    const read = readLine({ line: 9, text });
    expect(Array.isArray(read) && read.map(({ line, path, code }) => `${line} ${path} ${code}`)).toEqual([`9 ${fault}`]);
  });
});

describe('chunks', () => {
  const subjects = (count: number): string => `${JSON.stringify({ kind: 'subject', type: 'user', id: 'a' })}\n`.repeat(count);
  const groups = (count: number): string => `${JSON.stringify({ kind: 'group', name: 'a' })}\n`.repeat(count);
  const chunked = async (text: string, after = 0): Promise<string[]> => {
    const all: string[] = [];
    for await (const { from, to, lines, problems, last } of chunksOf(linesOf(pieces(bytes(text), 65_536), 1), after)) {
      all.push(`${from}-${to} ${lines.length} ${problems.length}${last ? ' last' : ''}`);
    }
    return all;
  };

  it('have so many lines, and what the catalog is made of stays together', async () => {
    expect(await chunked(subjects(12_000))).toEqual(['1-5000 5000 0', '5001-10000 5000 0', '10001-12000 2000 0 last']);
    expect(await chunked(groups(12_000) + subjects(6_000))).toEqual(['1-17000 17000 0', '17001-18000 1000 0 last']);
    expect(await chunked(groups(21_000))).toEqual(['1-20000 20000 0', '20001-21000 1000 0 last']);
    const owners = Array.from({ length: 999 }, (_, i) => ({ subject: `user:u${i}` }));
    const owned = `${JSON.stringify({ kind: 'resource', type: 'a', id: 'a', owners })}\n`;
    expect(await chunked(owned.repeat(12))).toEqual(['1-5 5 0', '6-10 5 0', '11-12 2 0 last']);
  });

  it('pass over what is applied, count empty lines, and end with one that may be empty', async () => {
    expect(await chunked(subjects(10_000), 6_000)).toEqual(['6001-10000 4000 0 last']);
    expect(await chunked(`\n\n${subjects(1)}\n\n`)).toEqual(['1-5 1 0 last']);
    expect(await chunked('')).toEqual(['1-0 0 0 last']);
    expect(await chunked(subjects(3), 3)).toEqual(['4-3 0 0 last']);
  });

  it('are full of faults, too: a body of nothing else is not held', async () => {
    expect(await chunked('x\n'.repeat(12_000))).toEqual(['1-5000 0 5000', '5001-10000 0 5000', '10001-12000 0 2000 last']);
    const twice = '{"kind":"subject"}\n';
    expect((await chunked(twice.repeat(4_000)))[0]).toBe('1-2500 0 5000');
  });

  it('collect what is wrong with their lines, and end where no further line can be read', async () => {
    expect(await chunked(`${subjects(2)}{\n[]\n${subjects(1)}`)).toEqual(['1-5 3 2 last']);
    const chunks: unknown[] = [];
    const bad = new Uint8Array([...bytes(subjects(1)), 0xff, 0x0a]);
    for await (const { problems, last } of chunksOf(linesOf(pieces(bad, 10), 1), 0)) chunks.push([problems, last]);
    expect(chunks).toMatchObject([[[{ line: 2, code: 'malformed_line' }], true]]);
  });

  it('break off when the body does', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes(subjects(1));
      throw new BitgateError('malformed_body', 400, 'gone');
    };
    const all = async (): Promise<void> => {
      for await (const chunk of chunksOf(linesOf(broken(), 1), 0)) expect(chunk).toBeUndefined();
    };
    await expect(all()).rejects.toMatchObject({ code: 'malformed_body' });
  });
});

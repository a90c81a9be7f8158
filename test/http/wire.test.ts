import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { plainBatch, plainCheck } from '../../src/http/common/checks/plain.ts';
import { batchSchema, itemSchema } from '../../src/http/common/checks/wire.ts';
import { Cursors } from '../../src/http/common/cursor.ts';
import { errorReply } from '../../src/http/common/errors.ts';
import { checkJsonText } from '../../src/http/common/json-rules.ts';
import { pathOf, readQuery } from '../../src/http/common/query.ts';

/** Right and wrong parts of a check, often enough right that whole checks are. */
const text = fc.oneof(fc.constantFrom('user:a', 'a:b:c', ':a', 'a:', '', 'x', `u:${'ü'.repeat(255)}`, `u:${'ü'.repeat(256)}`), fc.string());
const properties = fc.constantFrom<unknown>({}, { a: 1 }, [], null, 'x');
const entity = fc.oneof(
  text,
  fc.record(
    {
      type: fc.constantFrom<unknown>('user', 'us:er', '', 5, 'ü'.repeat(200)),
      id: fc.constantFrom<unknown>('a', 'b:c', '', null, 'x'.repeat(600)),
      properties,
    },
    { requiredKeys: [] },
  ),
  fc.record({ type: fc.constant('user'), id: fc.string(), extra: fc.constant(1) }, { requiredKeys: ['type', 'id'] }),
  fc.constantFrom(null, 5, []),
);
const action = fc.oneof(
  text,
  fc.record({ name: text, properties, extra: fc.constant(1) }, { requiredKeys: ['name'] }),
  fc.constantFrom(null, {}, 7),
);
const check = fc.oneof(
  fc.record(
    { subject: entity, action, resource: entity, context: properties, extra: fc.constant(1) },
    { requiredKeys: ['subject', 'action'] },
  ),
  fc.record(
    {
      subject: fc.constantFrom('user:a', { type: 'user', id: 'a' }),
      action: fc.constantFrom('view', { name: 'view', properties: {} }),
      resource: entity,
    },
    { requiredKeys: ['subject', 'action'] },
  ),
  fc.anything(),
);

describe('the ordinary check', () => {
  it('that is recognized is one that the schema accepts, with an equal result', () => {
    let recognized = 0;
    fc.assert(
      fc.property(check, (value) => {
        const json: unknown = JSON.parse(JSON.stringify(value) ?? 'null');
        const plain = plainCheck(json);
        if (plain === undefined) return;
        recognized++;
        const judged = itemSchema.safeParse(json);
        expect(judged.error?.issues ?? []).toEqual([]);
        expect(plain).toEqual(judged.data);
      }),
      { numRuns: 5_000, seed: 20_261_121 },
    );
    expect(recognized).toBeGreaterThan(250);
  });

  it.each([
    { subject: 'user:a', action: 'view' },
    {
      subject: { type: 'user', id: 'a' },
      action: { name: 'view' },
      resource: { type: 'dataset', id: 'x', properties: { a: 1 } },
      context: {},
    },
  ])('is recognized: %o', (value) => {
    expect(plainCheck(value)).toEqual(itemSchema.parse(value));
  });
});

describe('the ordinary batch', () => {
  it('that is recognized is one that the schema accepts, with an equal result', () => {
    const checks = fc.oneof(fc.array(check, { maxLength: 3 }), fc.constantFrom<unknown>(null, {}, 'x', 5));
    const beside = { defaults: fc.constantFrom<unknown>({}, { subject: 'user:a' }, { extra: 1 }, 5), org: text, ['__proto__']: entity };
    const batch = fc.oneof(fc.record({ checks }), fc.record({ checks, ...beside, extra: entity }, { requiredKeys: [] }), fc.anything());
    let recognized = 0;
    let accepted = 0;
    fc.assert(
      fc.property(batch, (value) => {
        const json: unknown = JSON.parse(JSON.stringify(value) ?? 'null');
        const judged = batchSchema.safeParse(json);
        if (judged.success) accepted++;
        const plain = plainBatch(json);
        if (plain === undefined) return;
        recognized++;
        expect(judged.error?.issues ?? []).toEqual([]);
        expect(plain).toEqual(judged.data);
      }),
      { numRuns: 5_000, seed: 20_261_122 },
    );
    expect([recognized > 250, recognized < accepted]).toEqual([true, true]);
  });
});

describe('the rules of JSON text', () => {
  const accepts = (json: string): boolean => {
    try {
      checkJsonText(json);
      return true;
    } catch {
      return false;
    }
  };

  it('refuse a value whose texts hold a lone surrogate, and no other (SEC-27)', () => {
    const unit = fc.constantFrom('\ud83d', '\ude00', 'a', '\\', '"', '😀', 'u');
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 8 }), (units) => {
        const value = units.join('');
        expect(accepts(JSON.stringify({ value }))).toBe(value.isWellFormed());
      }),
      { numRuns: 3_000 },
    );
  });

  it('count levels outside of texts alone', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect([
      accepts(nested(32)),
      accepts(nested(33)),
      accepts(`"${nested(40)}"`),
      accepts(`"\\\\"${nested(33)}`),
      accepts(`"\\"${nested(33)}`),
    ]).toEqual([true, false, true, false, true]);
  });

  it('SEC-48 take a time that grows with the text and no faster', () => {
    const started = Date.now();
    for (const hostile of ['"\\'.repeat(1_000_000), '['.repeat(1_000_000), '\\'.repeat(2_000_000), '"\\u'.repeat(700_000)])
      accepts(hostile);
    expect(Date.now() - started).toBeLessThan(2_000);
  });
});

describe('a query', () => {
  it('is read as forms write it', () => {
    expect(readQuery('https://x/p?a=1+2&b=%C3%BC&c&d=x=y&__proto__=z#f=1')).toEqual(
      Object.assign(Object.create(null), { a: '1 2', b: 'ü', c: '', d: 'x=y', ['__proto__']: 'z' }),
    );
    expect(readQuery('https://x/p')).toEqual(Object.create(null));
  });

  it.each(['a=1&a=2', 'a=%', 'a=%ff', 'a=%C3', 'a=%ed%a0%80'])('is refused: %s', (query) => {
    expect(() => readQuery(`https://x/?${query}`)).toThrow();
  });

  it.each([
    ['https://x/check?a', '/check'],
    ['https://x', '/'],
    ['https://x/a/b#c', '/a/b'],
    ['http://user:p@x:1/check', '/check'],
  ])('has a path before it: %s', (url, path) => {
    expect(pathOf(url)).toBe(path);
  });
});

describe('a cursor', () => {
  const cursors = new Cursors(['a secret of at least thirty-two characters']);

  it('goes on where it was written, for the same query', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 3 }),
        async (query, place) => {
          const well = [query, ...place].map((each) => each.toWellFormed());
          const [name = '', ...rest] = well;
          expect(await cursors.read(name, await cursors.write(name, rest), rest.length)).toEqual(rest);
          await expect(cursors.read(`${name}x`, await cursors.write(name, rest), rest.length)).rejects.toMatchObject({ status: 400 });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('SEC-21 that is anything else is 400', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z0-9_-]{1,20}\.[A-Za-z0-9_-]{43}$/)), async (cursor) => {
        await expect(cursors.read('q', cursor, 1)).rejects.toMatchObject({ code: 'invalid_cursor', status: 400 });
      }),
      { numRuns: 200 },
    );
  });

  it('of another secret, or without one, is none', async () => {
    const other = new Cursors(['another secret of thirty-two characters']);
    await expect(other.read('q', await cursors.write('q', ['a']), 1)).rejects.toMatchObject({ status: 400 });
    await expect(new Cursors([]).write('q', ['a'])).rejects.toMatchObject({ code: 'not_configured', status: 503 });
  });

  it('of the secret before is one as long as that is known', async () => {
    const older = await new Cursors(['an older secret of thirty-two characters']).write('q', ['a']);
    const secret = 'another secret of thirty-two characters';
    expect(await new Cursors([secret, 'an older secret of thirty-two characters']).read('q', older, 1)).toEqual(['a']);
    await expect(new Cursors([secret]).read('q', older, 1)).rejects.toMatchObject({ status: 400 });
  });
});

describe('an unforeseen error', () => {
  it('SEC-26 is told as one, and no more', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const reply = errorReply({ failed: () => {} }, new TypeError('D1_ERROR: no such table: secrets'), 'req-1');
    expect([reply.status, reply.headers.get('x-request-id')]).toEqual([503, 'req-1']);
    expect(await reply.text()).not.toMatch(/D1|secrets|TypeError/);
    expect(logged).toHaveBeenCalledOnce();
    logged.mockRestore();
  });

  it.each([
    ['D1_ERROR: Network connection lost.', 'database_unavailable', '1'],
    ['D1_ERROR: UNIQUE constraint failed: roles.id: SQLITE_CONSTRAINT', 'internal', null],
    ['D1_ERROR: string or blob too big: SQLITE_TOOBIG', 'internal', null],
  ])('asks to try again only where that may help: %s', (message, code, wait) => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const failed: string[] = [];
    const reply = errorReply({ failed: (each) => void failed.push(each) }, new Error(message), null);
    expect([reply.status, failed, reply.headers.get('retry-after')]).toEqual([503, [code], wait]);
    logged.mockRestore();
  });
});

/** What is made when it is first used. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { deferred } from '../../../src/core/terms/lazy.ts';

describe('what is deferred', () => {
  it('is made once, when something of it is first read', () => {
    let made = 0;
    const value = deferred(() => ({ number: ++made }));
    expect(made).toBe(0);
    expect([value.number, value.number, made]).toEqual([1, 1, 1]);
  });

  it('stands for an object in every way of reading one', () => {
    const value = deferred(() => ({ a: 1, b: 2 }));
    expect([{ ...value, c: 3 }, Object.keys(value), 'a' in value, 'c' in value]).toEqual([{ a: 1, b: 2, c: 3 }, ['a', 'b'], true, false]);
  });

  it('is a schema wherever a schema is expected', () => {
    const text = deferred(() => z.string().min(1, 'expected a text'));
    const fields = deferred(() => ({ text, list: z.array(text).optional() }));
    const either = deferred(() => z.discriminatedUnion('kind', [one, deferred(() => z.strictObject({ kind: z.literal('other') }))]));
    const one = deferred(() => z.strictObject({ ...fields, kind: z.literal('one') }));
    expect(either.parse({ kind: 'one', text: 'a', list: ['b'] })).toEqual({ kind: 'one', text: 'a', list: ['b'] });
    expect(either.parse({ kind: 'other' })).toEqual({ kind: 'other' });
    expect(one.omit({ kind: true }).partial().parse({})).toEqual({});
    expect(one.extend({ more: text.nullable() }).safeParse({ kind: 'one', text: '', more: null }).error?.issues).toMatchObject([
      { path: ['text'], message: 'expected a text' },
    ]);
    expect(one instanceof z.ZodObject).toBe(true);
  });
});

/** When a token holds, and for whom. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/core/snapshot/catalog.ts';
import { INVALID, outcome, type SigningKey, sign, signingKey, signRaw, World, withKeys } from './world.ts';

let es: SigningKey;
let catalog: Catalog;
const world = new World();
const ask = (token: string, of: Catalog = catalog) => world.tokens.proof(token, 'acme', of);
const asked = (token: string, of?: Catalog): Promise<string> => outcome(() => ask(token, of));

beforeAll(async () => {
  es = await signingKey('ES256', 'es');
  catalog = withKeys([es]);
});

describe('SEC-30', () => {
  const BAD = ['1e400', '-1e400', '"1700000600"', 'null', 'true', '[]', '{}', '""', '1e300', '8.65e12'];
  const payloadWith = (claim: string, json: string): string => {
    const { [claim]: _gone, ...rest } = world.claims();
    return `${JSON.stringify(rest).slice(0, -1)},"${claim}":${json}}`;
  };

  it.each(BAD)('SEC-30 %s is no time', async (json) => {
    for (const claim of ['exp', 'nbf', 'iat']) {
      expect(await asked(await signRaw(es, '{"alg":"ES256","kid":"es"}', payloadWith(claim, json)))).toBe(INVALID);
    }
  });

  it('SEC-30 an end is required, and exact', async () => {
    const second = world.clock.now() / 1_000;
    const ends = async (exp: unknown): Promise<string> => asked(await sign(es, world.claims({ exp })));
    expect([await ends(undefined), await ends(second - 1), await ends(second), await ends(-1)]).toEqual(
      Array.from({ length: 4 }, () => INVALID),
    );
    expect([await ends(second + 1), await ends(second + 0.5)]).toEqual(['200', '200']);
  });

  it('SEC-30 a token holds 30 s before it begins or was issued, and no earlier', async () => {
    const second = world.clock.now() / 1_000;
    for (const claim of ['nbf', 'iat']) {
      const begins = async (at: number): Promise<string> => asked(await sign(es, world.claims({ [claim]: at })));
      expect([await begins(second - 5), await begins(second + 30), await begins(second + 31)]).toEqual(['200', '200', INVALID]);
    }
    expect(await asked(await sign(es, world.claims({ iat: undefined })))).toBe('200');
  });
});

describe('SEC-42', () => {
  it.each(['ada', 'a@x@y', 'a:b', ' ada ', 'ADA', 'Ünï', '../x', 'user:ada', 'org', '0', '𐍈'])(
    'SEC-42 the subject %j is opaque, byte for byte',
    async (sub) => {
      expect((await ask(await sign(es, world.claims({ sub })))).subject).toEqual({ type: 'user', id: sub });
    },
  );

  it.each([undefined, '', null, 3, ['ada'], { ada: 1 }, 'x'.repeat(508), '\ud800'])('SEC-42 the subject %j is none', async (sub) => {
    const payload = JSON.stringify({ ...world.claims(), sub });
    expect(await asked(await signRaw(es, '{"alg":"ES256","kid":"es"}', payload))).toBe(INVALID);
  });

  it('SEC-42 a prefix tells issuers’ subjects apart', async () => {
    const { subject } = await ask(await sign(es, world.claims()), withKeys([es], { subject_prefix: 'corp|', subject_type: 'person' }));
    expect(subject).toEqual({ type: 'person', id: 'corp|ada' });
  });

  it('SEC-42 another claim may name the subject, an address only when it is verified', async () => {
    const by = (subject_claim: string): Catalog => withKeys([es], { subject_claim });
    const subjectOf = async (claim: string, more: object): Promise<string> => {
      const token = await sign(es, world.claims(more));
      const result = await outcome(() => ask(token, by(claim)));
      return result === '200' ? (await ask(token, by(claim))).subject.id : result;
    };
    expect(await subjectOf('oid', { oid: 'o-1' })).toBe('o-1');
    expect(await subjectOf('user.id', { user: { id: 'u-1' } })).toBe('u-1');
    expect(await subjectOf('oid', {})).toBe(INVALID);
    expect(await subjectOf('email', { email: 'a@x@y', email_verified: true })).toBe('a@x@y');
    for (const email_verified of [undefined, false, 'true', 1]) {
      expect(await subjectOf('email', { email: 'ada@example.com', email_verified })).toBe(INVALID);
    }
  });
});

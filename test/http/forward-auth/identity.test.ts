/** Identities are reused, for half a minute and for nobody else. */
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { Signer } from '../../../src/http/common/signing.ts';
import { Identities } from '../../../src/http/forward-auth/identity.ts';

const NOW = 1_800_000_000_500;
const SECRET = 'a-secret-of-more-than-32-characters!';
const who = { url: 'https://bitgate.test/forward-auth', organization: 'acme', subject: { type: 'user', id: 'ada' }, audience: 'a.example' };

describe('an identity', () => {
  it('is signed anew after half a minute, so that it always has half a minute left', async () => {
    const identities = new Identities(new Signer([SECRET]));
    const first = await identities.of(who, NOW);
    expect(decodeJwt(first ?? '')).toEqual({
      iss: 'https://bitgate.test/orgs/acme',
      sub: 'user:ada',
      aud: 'a.example',
      iat: 1_800_000_000,
      exp: 1_800_000_060,
    });
    // a value, not a promise: nothing is waited for
    expect(identities.of(who, NOW + 29_999)).toBe(first);
    const next = await identities.of(who, NOW + 30_000);
    expect(next).not.toBe(first);
    expect(identities.of(who, NOW + 30_001)).toBe(next);
  });

  it('is of one organization, subject, host and address', async () => {
    const identities = new Identities(new Signer([SECRET]));
    const all = [
      who,
      { ...who, organization: 'other' },
      { ...who, subject: { type: 'user', id: 'eve' } },
      { ...who, subject: { type: 'svc', id: 'ada' } },
      { ...who, audience: 'b.example' },
      { ...who, url: 'https://other.test/forward-auth' },
      { ...who, audience: 'a.example user:ada', subject: { type: 'x', id: 'y' } },
    ];
    const tokens: (string | null)[] = [];
    for (const each of all) tokens.push(await identities.of(each, NOW));
    expect(new Set(tokens).size).toBe(all.length);
    expect(all.map((each) => identities.of(each, NOW))).toEqual(tokens);
  });

  it('is forgotten when there are many others', async () => {
    const identities = new Identities(new Signer([SECRET]));
    await identities.of(who, NOW);
    for (let i = 0; i < 2_000; i++) await identities.of({ ...who, subject: { type: 'user', id: `u${i}` } }, NOW);
    expect(identities.of(who, NOW)).toBeInstanceOf(Promise);
  });

  it('is none without a key to sign with', () => {
    expect(new Identities(new Signer([])).of(who, NOW)).toBeNull();
  });
});

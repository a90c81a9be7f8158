/** The same through the runtime's own fetch: that it takes what it is asked with, and doesn't follow where it must not. */
import { expect, it } from 'vitest';
import { Tokens } from '../../../src/authn/tokens.ts';
import { catalogOf, claimsAt, issuerWith, outcome, type SigningKey, sign, signingKey, UNAVAILABLE } from './world.ts';

async function asked(key: SigningKey, answer: Readonly<Record<string, string>>): Promise<string> {
  const tokens = new Tokens({
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    fetch: (uri, init) => fetch(uri, init),
  });
  const uri = `https://web.example/?${new URLSearchParams(answer).toString()}`;
  const catalog = catalogOf({ issuers: [issuerWith({ jwks_uri: uri })] });
  return outcome(async () => tokens.proof(await sign(key, claimsAt(Date.now())), 'acme', catalog));
}

it('SEC-32 a key set is fetched by the runtime, and a redirect is not followed', async () => {
  const key = await signingKey();
  const keys = JSON.stringify({ keys: [key.jwk] });
  expect(await asked(key, { body: keys })).toBe('200');
  expect(await asked(key, { body: keys, status: '404' })).toBe(UNAVAILABLE);
  const elsewhere = `https://web.example/?${new URLSearchParams({ body: keys }).toString()}`;
  expect(await asked(key, { status: '302', location: elsewhere })).toBe(UNAVAILABLE);
});

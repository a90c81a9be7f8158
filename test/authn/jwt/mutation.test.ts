/** Property: whatever one character of a right token is changed to, it is 401, and never another error. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { INVALID, outcome, sign, signingKey, World, withKeys } from './world.ts';

const ALPHABET = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', '.', '=', '+', '/', ' ', '\n', '\u0000', 'é', '𐍈'];

it.each(['ES256', 'RS256', 'EdDSA'] as const)(
  'SEC-28 a token of %s with one character changed, added or taken away is 401',
  async (algorithm) => {
    const world = new World();
    const key = await signingKey(algorithm);
    const catalog = withKeys([key], { algorithms: [algorithm] });
    const token = await sign(key, world.claims());
    const asked = (text: string): Promise<string> => outcome(() => world.tokens.proof(text, 'acme', catalog));
    expect(await asked(token)).toBe('200');
    const places = fc.nat({ max: token.length - 1 });
    await fc.assert(
      fc.asyncProperty(places, fc.constantFrom(...ALPHABET), fc.nat({ max: 1 }), async (at, char, taken) => {
        fc.pre(taken === 0 || token[at] !== char);
        expect(await asked(token.slice(0, at) + char + token.slice(at + taken))).toBe(INVALID);
      }),
      { numRuns: 500 },
    );
    for (const end of [token.length - 1, token.lastIndexOf('.') - 1, token.indexOf('.') - 1]) {
      for (const char of ALPHABET)
        if (token[end] !== char) expect(await asked(token.slice(0, end) + char + token.slice(end + 1))).toBe(INVALID);
      expect(await asked(token.slice(0, end) + token.slice(end + 1))).toBe(INVALID);
    }
  },
);

it('SEC-28 any text is 401', async () => {
  const world = new World();
  const catalog = withKeys([await signingKey()]);
  const part = fc.oneof(
    fc.string(),
    fc.base64String(),
    fc.json().map((text) => btoa(unescape(encodeURIComponent(text)))),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
      expect(await outcome(() => world.tokens.proof(parts.join('.'), 'acme', catalog))).toBe(INVALID);
    }),
    { numRuns: 500 },
  );
});

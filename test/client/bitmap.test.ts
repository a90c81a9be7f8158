/** The decoder of bitmap documents, on documents written by hand: how it reads them, and what it takes for none. */
import { type JWTPayload, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { type Bitmap, BitmapError, type BitmapOptions, openBitmap } from '../../src/client/bitmap.ts';
import { Signer } from '../../src/http/common/signing.ts';

const TYPE = 'bitgate-bitmap+jwt';
const ISSUER = 'https://pdp.test/orgs/acme';
const IAT = 1_800_000_000;
const EXP = IAT + 90;
const signer = new Signer(['a-secret-of-the-tests-of-32-characters!']);
const { keys } = await signer.jwks();

/** Rows of `read`, `doc:read`, `write`, `typed`, `later`, the first in the lowest bits: 0 denied, 1 allowed, 2 ask, 3 no such privilege. */
const row = (...states: number[]): string => {
  const bytes = [0, 0];
  states.forEach((state, i) => {
    bytes[i >> 2]! |= state << (2 * (i & 3));
  });
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('=', '')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
};

const bitgate = {
  version: 1,
  organization: 'acme',
  revision: 42,
  names: ['read', 'doc:read', 'write', 'typed', 'later'],
  other_names: 'deny',
  rows: [row(0, 0, 0, 0, 0), row(3, 1, 2, 1, 1), row(3, 1, 1, 1, 0)],
  org: 0,
  places: [
    { row: 1, below: 2, project: true, resources: { project: ['p'] } },
    { row: 1, below: 1, resources: { folder: ['f'] } },
    { row: 2, resources: { folder: ['g'], doc: ['d:1'] } },
    { row: 1, below: 0, unregistered: true, resources: { doc: ['loose'] } },
  ],
  unlisted: { roots: [0, 1], closed: ['sealed'], types: { typed: [['doc'], null] } },
};

const claims: JWTPayload = { iss: ISSUER, sub: 'user:ann', iat: IAT, exp: EXP, bitgate };
const open = (token: string, options: Partial<BitmapOptions> = {}): Promise<Bitmap> =>
  openBitmap(token, { keys: { keys: [...keys] }, issuer: ISSUER, now: () => IAT * 1_000, ...options });
const opened = async (change: object = {}, options: Partial<BitmapOptions> = {}): Promise<Bitmap> =>
  open(await signer.sign(TYPE, { ...claims, bitgate: { ...bitgate, ...change } }), options);

const rejection = (attempt: Promise<Bitmap>): Promise<unknown> =>
  attempt.then(
    () => 'opened',
    (error) => (error instanceof BitmapError ? error.code : error),
  );

describe('an open document answers', () => {
  it.each<[string, Parameters<Bitmap['decide']>, string]>([
    ['without a resource from the row of the organization', ['write'], 'deny'],
    ['a listed resource from its row', ['write', 'folder:g'], 'allow'],
    ['a listed resource whatever parents are claimed', ['write', 'folder:g', ['project:p']], 'allow'],
    ['an id with a colon', ['write', 'doc:d:1'], 'allow'],
    ['ask where the row says so', ['write', 'folder:f'], 'ask'],
    ['under the longer name where the short one is none', ['read', 'doc:d:1'], 'allow'],
    ['deny where there is no longer name either', ['read', 'folder:g'], 'deny'],
    ['deny to a name that is not there', ['unheard', 'folder:g'], 'deny'],
    ['something unlisted without parents from the root', ['write', 'folder:new'], 'deny'],
    ['a project that is unlisted from the root of its level', ['later', 'project:new'], 'allow'],
    ['something below a place', ['write', 'folder:new', ['project:p']], 'allow'],
    ['something below what is itself unlisted from the root', ['later', 'folder:new', ['project:new']], 'allow'],
    ['parents that say the same', ['later', 'folder:new', ['folder:new', 'nothing', 'folder:x', 'folder:y']], 'deny'],
    ['ask below parents that differ', ['write', 'folder:new', ['project:p', 'folder:x']], 'ask'],
    ['ask below parents of different levels', ['later', 'folder:new', ['project:p', 'folder:f']], 'ask'],
    ['ask below a place of which that is not said', ['write', 'folder:new', ['folder:g']], 'ask'],
    ['a name of other types as none', ['typed', 'folder:new', ['folder:f']], 'deny'],
    ['a name of its type', ['typed', 'doc:new', ['folder:f']], 'allow'],
    ['a name of any type at that level', ['typed', 'folder:new', ['project:p']], 'allow'],
    ['deny to what a closed type does not register', ['write', 'sealed:new', ['project:p']], 'deny'],
    ['something listed as unregistered without parents', ['later', 'doc:loose'], 'allow'],
    ['ask when it claims parents', ['later', 'doc:loose', ['folder:f']], 'ask'],
    ['ask about what is no reference', ['write', 'folder'], 'ask'],
  ])('%s', async (_, question, answer) => {
    expect((await opened()).decide(...question)).toBe(answer);
  });

  it('ask about what is unlisted when the list is not whole', async () => {
    const bitmap = await opened({ unlisted: undefined });
    expect([bitmap.decide('later', 'folder:new'), bitmap.decide('unheard', 'folder:new', ['project:p'])]).toEqual(['ask', 'ask']);
    expect([bitmap.decide('later', 'folder:f'), bitmap.decide('unheard', 'folder:f')]).toEqual(['allow', 'deny']);
  });

  it('ask about names that were not asked for, but not about what those that were may mean', async () => {
    const bitmap = await opened({ other_names: 'ask' });
    expect([bitmap.decide('unheard', 'folder:g'), bitmap.decide('read', 'folder:g')]).toEqual(['ask', 'deny']);
  });

  it('deny to whoever is suspended', async () => {
    const bitmap = await opened({ suspended: true, other_names: 'ask' });
    expect([bitmap.decide('unheard'), bitmap.decide('x', 'folder:new', ['project:p', 'folder:f'])]).toEqual(['deny', 'deny']);
  });

  it('ask from the moment it is over, before it begins, and when the clock says nothing', async () => {
    let now = IAT * 1_000;
    const bitmap = await opened({}, { now: () => now, clockToleranceS: 5 });
    const at = (time: number): string => {
      now = time;
      return bitmap.decide('unheard');
    };
    expect(bitmap.expiresAt).toBe(EXP * 1_000);
    expect([at(EXP * 1_000 - 1), at(EXP * 1_000), at(Number.POSITIVE_INFINITY)]).toEqual(['deny', 'ask', 'ask']);
    expect([at(IAT * 1_000 - 5_000), at(IAT * 1_000 - 5_001), at(Number.NaN)]).toEqual(['deny', 'ask', 'ask']);
  });

  it('and say whose it is', async () => {
    const { subject, organization, revision } = await opened();
    expect([subject, organization, revision]).toEqual(['user:ann', 'acme', 42]);
  });
});

describe('what is refused', () => {
  const part = (value: object): string => btoa(JSON.stringify(value)).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_');

  it('what was not signed, was changed, or is another thing', async () => {
    const text = await signer.sign(TYPE, claims);
    const [head = '', body = '', signature = ''] = text.split('.');
    const kid = keys[0]?.kid ?? '';
    const secret = new TextEncoder().encode(JSON.stringify(keys[0]));
    const forged: readonly string[] = [
      '',
      'x',
      'a.b.c',
      text.slice(0, -1),
      `${head}.${body}`,
      `${head}.${body}.`,
      `${head}.${part({ ...claims, sub: 'user:other' })}.${signature}`,
      `${part({ alg: 'none', typ: TYPE })}.${body}.`,
      `${part({ alg: 'none', typ: TYPE })}.${body}.${signature}`,
      await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: TYPE, kid }).sign(secret),
      await new Signer(['another-secret-of-more-than-32-characters']).sign(TYPE, claims),
      await signer.sign('JWT', claims),
      await signer.sign('bitgate-identity+jwt', claims),
    ];
    for (const each of forged) expect(await rejection(open(each)), each).toBe('invalid_bitmap');
    expect(await rejection(open(text))).toBe('opened');
  });

  it('what is for another audience, for one that nobody named, or from elsewhere', async () => {
    const text = await signer.sign(TYPE, claims);
    const named = await signer.sign(TYPE, { ...claims, aud: 'app' });
    expect(await rejection(open(named, { audience: 'app' }))).toBe('opened');
    expect(await rejection(open(named, { audience: 'other' }))).toBe('invalid_bitmap');
    expect(await rejection(open(named))).toBe('invalid_bitmap');
    expect(await rejection(open(text, { audience: 'app' }))).toBe('invalid_bitmap');
    expect(await rejection(open(text, { issuer: 'https://pdp.test/orgs/acm' }))).toBe('invalid_bitmap');
    expect(await rejection(open(text, { issuer: undefined }))).toBe('opened');
  });

  it('what is over, and what a clock that is behind would let live on', async () => {
    const at = (seconds: number, more: Partial<BitmapOptions> = {}): Promise<unknown> =>
      rejection(opened({}, { now: () => seconds * 1_000, ...more }));
    expect([await at(EXP - 1), await at(EXP), await at(EXP + 9)]).toEqual(['opened', 'expired', 'expired']);
    expect([await at(IAT - 30), await at(IAT - 31), await at(IAT - 1, { clockToleranceS: 0 })]).toEqual([
      'opened',
      'not_yet_valid',
      'not_yet_valid',
    ]);
    expect(await at(Number.NaN)).not.toBe('opened');
  });

  it('anything while the keys can not be had', async () => {
    const fails = async (): Promise<never> => {
      throw new TypeError('fetch failed');
    };
    expect(await rejection(opened({}, { keys: fails }))).toBe('keys_unavailable');
    // `as`: what came from elsewhere may be anything
    expect(await rejection(opened({}, { keys: { keys: 'none' } as unknown as BitmapOptions['keys'] }))).toBe('keys_unavailable');
    expect(await rejection(opened({}, { keys: { keys: [] } }))).toBe('invalid_bitmap');
  });

  it('versions that it does not know', async () => {
    for (const version of [0, 2, '1', null]) expect(await rejection(opened({ version }))).toBe('unknown_version');
  });

  it.each([
    { names: 'read' },
    { names: ['read'] },
    { other_names: 'allow' },
    { rows: ['!'] },
    { rows: [] },
    { rows: ['A', 'A', 'A'] },
    { org: 99 },
    { org: -1 },
    { places: [{ row: 0 }] },
    { places: [{ row: 99, resources: {} }] },
    { places: [{ row: 0, below: 3, resources: {} }] },
    { places: [{ row: 0, unregistered: false, resources: {} }] },
    { places: [{ row: 0, resources: { doc: 'd' } }] },
    { unlisted: { roots: [0], closed: [], types: {} } },
    { unlisted: { roots: [0, 0], closed: [], types: { typed: [null] } } },
    { suspended: false },
    { revision: 1.5 },
  ])('what is not what its version says: %j', async (change) => {
    expect(await rejection(opened(change))).toBe('invalid_bitmap');
  });

  it('documents without an end, or without any content', async () => {
    const { exp: _exp, ...endless } = claims;
    expect(await rejection(open(await signer.sign(TYPE, endless)))).toBe('invalid_bitmap');
    expect(await rejection(open(await signer.sign(TYPE, { ...claims, bitgate: undefined })))).toBe('invalid_bitmap');
  });
});

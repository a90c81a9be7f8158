import { describe, expect, it } from 'vitest';
import { tokenOf } from '../../src/authn/authorization.ts';
import { Callers, confirmed, type KeyClaim } from '../../src/authn/callers.ts';
import { equalInConstantTime, sha256Hex } from '../../src/authn/constant-time.ts';
import { newKeyId, newToken, splitToken } from '../../src/authn/token.ts';
import type { KeyEntry } from '../../src/core/snapshot/model.ts';
import { BitgateError } from '../../src/core/terms/problem.ts';

const ROOT = 'root-token-of-at-least-32-characters';
const fill = (bytes: Uint8Array): void => void crypto.getRandomValues(bytes);

function refusal(act: () => unknown): BitgateError {
  try {
    act();
  } catch (error) {
    if (error instanceof BitgateError) return error;
  }
  throw new Error('nothing was refused');
}

describe('the authorization header', () => {
  it('holds a token, as Bearer or as Basic', () => {
    expect(tokenOf('Bearer bg_acme_k1_secret')).toBe('bg_acme_k1_secret');
    expect(tokenOf(`Basic ${btoa('acme_k1:secret')}`)).toBe('bg_acme_k1_secret');
  });

  it('that is missing is told what to send', () => {
    expect(refusal(() => tokenOf(null))).toMatchObject({ code: 'missing_credentials', status: 401 });
  });

  it.each([
    ['another case', 'bearer abcdef'],
    ['another case', 'BEARER abcdef'],
    ['two spaces', 'Bearer  abcdef'],
    ['a tab', 'Bearer\tabcdef'],
    ['a space behind', 'Bearer abcdef '],
    ['a list', 'Bearer abcdef, Bearer ghijkl'],
    ['two headers joined', 'Bearer abcdef,Basic YTpi'],
    ['no token', 'Bearer '],
    ['another scheme', 'Token abcdef'],
    ['the token alone', 'bg_acme_k1_secret'],
    ['Basic that is no base64', 'Basic %%%'],
    ['Basic of a wrong length', 'Basic YTp'.concat('x=x')],
    ['Basic without a colon', `Basic ${btoa('acme_k1')}`],
    ['Basic without a user', `Basic ${btoa(':secret')}`],
    ['an empty header', ''],
  ])('SEC-31 is refused with %s: %j', (_name, header) => {
    const error = refusal(() => tokenOf(header));
    expect(error).toMatchObject({ code: 'invalid_credentials', status: 401 });
  });

  it('SEC-49 is never part of the refusal', () => {
    const error = refusal(() => tokenOf('Basic c2VjcmV0LXRleHQ='));
    expect(JSON.stringify([error.message, error.details])).not.toMatch(/c2VjcmV0|secret-text/);
  });
});

describe('a token', () => {
  it('splits in one way into organization and key', () => {
    expect(splitToken('bg_acme-2_k1_with_under_scores')).toEqual({ organization: 'acme-2', keyId: 'k1' });
  });

  it.each([
    '',
    'bg_',
    'bg_acme_k1',
    'bg_Acme_k1_0123456789abcdef',
    'bg_acme_k-1_0123456789abcdef',
    'bg_acme_k1_short',
    'xx_acme_k1_0123456789abcdef',
    `bg_${'a'.repeat(64)}_k1_0123456789abcdef`,
  ])('is none: %j', (text) => {
    expect(splitToken(text)).toBeNull();
  });

  it('that is new is what it says, and unlike all others', () => {
    const id = newKeyId(fill);
    const token = newToken('acme', id, fill);
    expect(splitToken(token)).toEqual({ organization: 'acme', keyId: id });
    expect(newToken('acme', id, fill)).not.toBe(token);
  });
});

describe('SEC-19 comparison', () => {
  it('finds equal what is equal alone', async () => {
    const hash = await sha256Hex('abc');
    expect(hash).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(equalInConstantTime(hash, hash)).toBe(true);
    for (let i = 0; i < hash.length; i++) expect(equalInConstantTime(hash, `${hash.slice(0, i)}x${hash.slice(i + 1)}`)).toBe(false);
    expect(equalInConstantTime(hash, hash.slice(1))).toBe(false);
    expect(equalInConstantTime('', hash)).toBe(false);
  });
});

describe('a caller', () => {
  it('is root by the root token alone', async () => {
    const callers = new Callers(ROOT);
    expect(await callers.claim(`Bearer ${ROOT}`)).toEqual({ root: true });
    await expect(Promise.resolve(callers.claim(`Bearer ${ROOT}x`))).rejects.toMatchObject({ status: 401 });
  });

  it('is hashed once, when it was right', async () => {
    const callers = new Callers(ROOT);
    const header = `Bearer ${newToken('acme', 'k1', fill)}`;
    const claim = await callers.claim(header);
    if ('jwt' in claim) throw new Error('a key is taken for a JWT');
    expect(callers.claim(header)).toBeInstanceOf(Promise);
    callers.remember(header, claim);
    expect(callers.claim(header)).toBe(claim);
    for (let i = 0; i < 1_000; i++) callers.remember(`Bearer ${i}`, claim);
    expect(callers.claim(header)).toBeInstanceOf(Promise);
  });
});

describe('a key', () => {
  const claim: KeyClaim = { root: false, organization: 'acme', keyId: 'k1', hash: 'a'.repeat(64) };
  const entry: KeyEntry = {
    key: 'k1',
    hash: 'a'.repeat(64),
    previousHash: null,
    previousUntil: null,
    disabled: false,
    expiresAt: null,
    project: '',
    forwardAuth: '',
  };
  const other = 'b'.repeat(64);

  it.each<[string, KeyEntry | undefined, boolean]>([
    ['is right', entry, true],
    ['is unknown', undefined, false],
    ['has another secret', { ...entry, hash: other }, false],
    ['is disabled', { ...entry, disabled: true }, false],
    ['ends now', { ...entry, expiresAt: 1_000 }, false],
    ['ends later', { ...entry, expiresAt: 1_001 }, true],
    ['was rotated, and its old secret still counts', { ...entry, hash: other, previousHash: claim.hash, previousUntil: 1_001 }, true],
    ['was rotated, and its old secret no longer counts', { ...entry, hash: other, previousHash: claim.hash, previousUntil: 1_000 }, false],
    ['was rotated, and its new secret counts', { ...entry, previousHash: other, previousUntil: 1_000 }, true],
    ['was rotated twice', { ...entry, hash: other, previousHash: 'c'.repeat(64), previousUntil: 2_000 }, false],
  ])('%s', (_name, found, expected) => {
    expect(confirmed(claim, found, 1_000)).toBe(expected);
  });
});

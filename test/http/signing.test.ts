/** Signed documents: verified with nothing but the published keys, equal for equal documents, and still good after the secret was changed. */
import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { Signer } from '../../src/http/common/signing.ts';

const OLD = 'an-old-secret-of-more-than-32-characters';
const NEW = 'a-new-secret-of-more-than-32-characters!';

const verified = async (token: string, signer: Signer): Promise<unknown> => {
  const { keys } = await signer.jwks();
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet({ keys: [...keys] }), { typ: 'a+jwt' });
  return { payload, typ: protectedHeader.typ };
};

describe('a signed document', () => {
  it('is verified with the published key, which holds nothing private', async () => {
    const signer = new Signer([NEW]);
    const token = await signer.sign('a+jwt', { sub: 'user:alice' });
    expect(await verified(token, signer)).toEqual({ payload: { sub: 'user:alice' }, typ: 'a+jwt' });
    const { keys } = await signer.jwks();
    expect(keys).toHaveLength(1);
    expect(Object.keys(keys[0]!).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });

  it('has the same signature each time', async () => {
    expect(await new Signer([NEW]).sign('a+jwt', { sub: 'x' })).toBe(await new Signer([NEW]).sign('a+jwt', { sub: 'x' }));
  });

  it('stays good while the secret before is still known, and no longer', async () => {
    const token = await new Signer([OLD]).sign('a+jwt', { sub: 'x' });
    expect(await verified(token, new Signer([NEW, OLD]))).toMatchObject({ payload: { sub: 'x' } });
    await expect(verified(token, new Signer([NEW]))).rejects.toThrow();
    await expect(verified(await new Signer([NEW, OLD]).sign('a+jwt', {}), new Signer([NEW]))).resolves.toBeTruthy();
  });

  it('is not taken for one of another kind', async () => {
    const signer = new Signer([NEW]);
    await expect(verified(await signer.sign('b+jwt', {}), signer)).rejects.toThrow();
  });

  it('is refused without a secret', async () => {
    await expect(new Signer([]).sign('a+jwt', {})).rejects.toMatchObject({ code: 'not_configured', status: 503 });
    expect(await new Signer([]).jwks()).toEqual({ keys: [] });
  });
});

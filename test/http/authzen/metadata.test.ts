/** AuthZEN's rules of metadata (§9), and the keys that verify what is signed. */

import { exports } from 'cloudflare:workers';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { metadataOf } from '../../../src/http/authzen/metadata.ts';
import { Signer } from '../../../src/http/common/signing.ts';
import { type Answer, call, makeOrganization } from '../client.ts';

const PATH = '/.well-known/authzen-configuration';

beforeAll(() => makeOrganization('acme'));

const get = (path: string, host = 'pdp.example'): Promise<Answer> => call('GET', path, undefined, { token: null, host });

/** By an address that the client of the tests doesn't make. */
async function identifierAt(url: string): Promise<string> {
  const response = await exports.default.fetch(url);
  return (await response.json<{ policy_decision_point: string }>()).policy_decision_point;
}

describe('§9 metadata', () => {
  it('names the identifier and five endpoints on its origin, for nobody in particular', async () => {
    const { status, headers, body } = await get(PATH);
    const { signed_metadata: _signed, ...plain } = body;
    expect(status).toBe(200);
    expect(plain).toEqual({
      policy_decision_point: 'https://pdp.example',
      access_evaluation_endpoint: 'https://pdp.example/access/v1/evaluation',
      access_evaluations_endpoint: 'https://pdp.example/access/v1/evaluations',
      search_subject_endpoint: 'https://pdp.example/access/v1/search/subject',
      search_resource_endpoint: 'https://pdp.example/access/v1/search/resource',
      search_action_endpoint: 'https://pdp.example/access/v1/search/action',
    });
    expect(headers.get('content-type')).toMatch(/^application\/json(?:;|$)/);
    expect(headers.get('cache-control')).toBe('public, max-age=3600');
  });

  it('has the well-known segment between host and path for an organization', async () => {
    const { body } = await get(`${PATH}/orgs/acme`);
    expect(body.policy_decision_point).toBe('https://pdp.example/orgs/acme');
    expect(body.search_action_endpoint).toBe('https://pdp.example/orgs/acme/access/v1/search/action');
    const wrong = await call('GET', `/orgs/acme${PATH}`, undefined, { token: null });
    expect(wrong.status).toBe(404);
  });

  it.each([
    ['https://pdp.example', 'https://pdp.example'],
    ['https://pdp.example:8443', 'https://pdp.example:8443'],
    ['https://a.b.pdp.example', 'https://a.b.pdp.example'],
    ['http://pdp.example', 'https://pdp.example'],
    ['http://localhost:8787', 'http://localhost:8787'],
    ['http://127.0.0.1:8787', 'http://127.0.0.1:8787'],
    ['https://localhost:8787', 'https://localhost:8787'],
    ['http://localhost.example', 'https://localhost.example'],
  ])('asked at %s says that it is %s, without query or fragment', async (asked, identifier) => {
    expect(await identifierAt(`${asked}${PATH}`)).toBe(identifier);
    expect(await identifierAt(`${asked}${PATH}?a=1&b=2`)).toBe(identifier);
    expect(await identifierAt(`${asked}${PATH}/orgs/acme?x`)).toBe(`${identifier}/orgs/acme`);
  });

  it('has no capabilities, and no member that is null or empty', async () => {
    const { body } = await get(PATH);
    expect(body).not.toHaveProperty('capabilities');
    for (const value of Object.values(body)) expect(value).toMatch(/./);
  });

  it('tells nothing of which organizations there are, and refuses what can be none', async () => {
    expect((await get(`${PATH}/orgs/nowhere`)).status).toBe(200);
    expect((await get(`${PATH}/orgs/NOT-an-id`)).status).toBe(404);
    for (const path of [`${PATH}/`, `${PATH}/orgs/`, `${PATH}/orgs/acme/x`, `${PATH}/acme`]) expect((await get(path)).status).toBe(404);
  });

  it('is read: another method is 405', async () => {
    for (const path of [PATH, `${PATH}/orgs/acme`, '/.well-known/jwks.json']) {
      expect((await call('HEAD', path, undefined, { token: null })).status).toBe(200);
      for (const method of ['POST', 'PUT', 'DELETE']) {
        const { status, headers } = await call(method, path, {}, { token: null });
        expect([status, headers.get('allow')]).toEqual([405, 'GET']);
      }
    }
  });
});

describe('§9 signed_metadata', () => {
  it.each(['', '/orgs/acme'])('is a JWT of the same, with iss, verified with nothing but the published keys: %s', async (path) => {
    const { signed_metadata: signed, ...plain } = (await get(`${PATH}${path}`)).body;
    const { payload, protectedHeader } = await jwtVerify(signed, createLocalJWKSet((await get('/.well-known/jwks.json')).body), {
      issuer: `https://pdp.example${path}`,
      typ: 'authzen-configuration+jwt',
    });
    expect(payload).toEqual({ iss: `https://pdp.example${path}`, ...plain });
    expect(protectedHeader.alg).toBe('EdDSA');
  });

  it('is the same each time', async () => {
    expect((await get(PATH)).text).toBe((await get(PATH)).text);
  });

  it('is left out without a key to sign with', async () => {
    const metadata = await metadataOf(`https://pdp.example${PATH}`, null, new Signer([]));
    expect(metadata).toMatchObject({ policy_decision_point: 'https://pdp.example' });
    expect(metadata).not.toHaveProperty('signed_metadata');
  });
});

describe('the published keys', () => {
  it('are public, and kept for no longer than a rotation may wait', async () => {
    const { status, headers, body } = await get('/.well-known/jwks.json');
    expect([status, headers.get('cache-control'), body.keys.length]).toEqual([200, 'public, max-age=300', 1]);
    expect(Object.keys(body.keys[0]).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });
});

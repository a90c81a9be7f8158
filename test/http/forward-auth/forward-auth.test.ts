/** What a proxy is told: who may pass, who has to sign in, who is refused, by every family. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../client.ts';
import { ask, COOKIE, FAMILIES, HEADERS, HOST, makeWorld, said, tokenFor, type World } from './world.ts';

let world: World;
let alice: string;
beforeAll(async () => {
  world = await makeWorld('acme');
  alice = await tokenFor('alice');
});

describe.each(FAMILIES)('a proxy of the family %s', (family) => {
  it('is told who may', async () => {
    for (const at of ['/forward-auth', '/orgs/acme/forward-auth']) {
      const answer = await ask(world, 'GET', '/projects/p1/datasets/d1?x=1', { user: alice, family, at });
      expect(said(answer)).toBe('200');
      expect(answer.text).toBe('');
      expect(answer.headers.get('x-bitgate-subject')).toBe('user:alice');
      expect(Number(answer.headers.get('x-bitgate-revision'))).toBeGreaterThan(0);
    }
  });

  it('is told who may not, and why', async () => {
    expect(said(await ask(world, 'PUT', '/projects/p1/datasets/d1', { user: alice, family }))).toBe('403 no_grant');
    expect(said(await ask(world, 'GET', '/admin', { user: await tokenFor('sue'), family }))).toBe('403 subject_suspended');
    expect(said(await ask(world, 'GET', '/admin', { user: await tokenFor('root'), family }))).toBe('200');
  });

  it('is told the same by HEAD, without a body', async () => {
    expect(said(await ask(world, 'GET', '/projects/p1', { user: alice, family, as: 'HEAD' }))).toBe('200');
    const denied = await ask(world, 'GET', '/admin', { user: alice, family, as: 'HEAD' });
    expect([said(denied), denied.text]).toEqual(['403 no_grant', '']);
    expect(said(await ask(world, 'GET', '/admin', { family, as: 'HEAD' }))).toBe('401 missing_credentials');
  });

  it('may leave out the user where anybody may, and nowhere else', async () => {
    const answer = await ask(world, 'GET', '/public/a/b', { family });
    expect([said(answer), answer.headers.get('x-bitgate-subject'), answer.headers.get('x-bitgate-identity')]).toEqual([
      '200',
      'anyone',
      '-',
    ]);
    expect(said(await ask(world, 'GET', '/projects/p1', { family }))).toBe('401 missing_credentials');
  });

  it('is told 401 of a credential that is not valid, also where anybody may', async () => {
    const now = Math.floor(Date.now() / 1_000);
    const expired = await tokenFor('alice', { iat: now - 7_200, exp: now - 3_600 });
    for (const user of [expired, await tokenFor('alice', { aud: 'other' }), `${alice}x`, 'nonsense', ROOT, `${world.plain}x`, '']) {
      expect(said(await ask(world, 'GET', '/public/a', { family, headers: { authorization: `Bearer ${user}` } }))).toBe(
        '401 invalid_credentials',
      );
    }
  });

  it('needs every header of its family, each once', async () => {
    for (const [name, value] of Object.entries(HEADERS[family]('GET', '/public/a', HOST))) {
      expect(said(await ask(world, 'GET', '/public/a', { family, headers: { [name]: null } })), name).toBe('403 missing_header');
      const twice = await ask(world, 'GET', '/public/a', { family, headers: { [name]: `${value}, ${value}` } });
      expect(said(twice), name).toMatch(/^403 ambiguous_/);
      const alias = name.replaceAll('-', '_');
      expect(said(await ask(world, 'GET', '/public/a', { family, headers: { [alias]: value } })), alias).toBe('403 ambiguous_header');
    }
  });
});

describe('the end user', () => {
  const asked = (headers: Record<string, string>, path = '/projects/p1') => ask(world, 'GET', path, { headers });

  it('may bring the JWT in the cookie that is set', async () => {
    expect(said(await asked({ cookie: `a=b; ${COOKIE}=${alice}; c=d` }))).toBe('200');
    expect(said(await asked({ cookie: `other=${alice}` }))).toBe('401 missing_credentials');
    expect(said(await asked({ cookie: `${COOKIE}=` }))).toBe('401 missing_credentials');
    expect(said(await asked({ cookie: `${COOKIE}=x` }, '/public/a'))).toBe('401 invalid_credentials');
  });

  it('who names the cookie twice is nobody', async () => {
    const eve = await tokenFor('eve');
    expect(said(await asked({ cookie: `${COOKIE}=${alice}; ${COOKIE}=${eve}` }))).toBe('401 invalid_credentials');
    expect(said(await asked({ cookie: `${COOKIE}=${alice}, ${COOKIE}=${eve}` }))).toBe('403 ambiguous_header');
    expect(said(await asked({ cookie: `a=b, ${COOKIE}=${eve}; ${COOKIE}=${alice}` }))).toBe('403 ambiguous_header');
    expect(said(await asked({ cookie: `a=b, c; ${COOKIE}=${alice}` }))).toBe('200');
  });

  it('SEC-31 is proved by a scheme and a token in the header, by a token alone in the cookie', async () => {
    expect(said(await asked({ authorization: alice }))).toBe('401 invalid_credentials');
    expect(said(await asked({ authorization: `Bearer  ${alice}` }))).toBe('401 invalid_credentials');
    expect(said(await asked({ authorization: `bearer ${alice}` }))).toBe('401 invalid_credentials');
    expect(said(await asked({ cookie: `${COOKIE}=Bearer ${alice}` }))).toBe('401 invalid_credentials');
    expect(said(await asked({ cookie: `${COOKIE}="${alice}"` }))).toBe('401 invalid_credentials');
  });

  it('is whom `Authorization` names, and never falls back to the cookie', async () => {
    const cookie = `${COOKIE}=${alice}`;
    expect(said(await asked({ cookie, authorization: `Bearer ${await tokenFor('eve')}` }))).toBe('403 no_grant');
    expect(said(await asked({ cookie, authorization: 'Bearer nonsense' }))).toBe('401 invalid_credentials');
    expect(said(await asked({ cookie, authorization: 'Negotiate abc' }))).toBe('401 invalid_credentials');
  });

  it('may be an API key of the organization', async () => {
    const [, organization, id, secret] = world.plain.split('_');
    const basic = `Basic ${btoa(`${organization}_${id}:${secret}`)}`;
    for (const authorization of [`Bearer ${world.plain}`, basic]) {
      const answer = await asked({ authorization });
      expect([said(answer), answer.headers.get('x-bitgate-subject')]).toEqual(['200', `api_key:${id}`]);
    }
    expect(said(await asked({ authorization: `Bearer ${world.plain}` }, '/projects/p2'))).toBe('403 no_grant');
  });

  it('SEC-42 is compared whole, whatever the name holds', async () => {
    const odd = await asked({ authorization: `Bearer ${await tokenFor('a@x@y')}` });
    expect([said(odd), odd.headers.get('x-bitgate-subject')]).toEqual(['200', 'user:a@x@y']);
    for (const id of ['a@x', 'a', 'x@y', 'a@x@y@z', 'A@x@y']) {
      expect(said(await asked({ authorization: `Bearer ${await tokenFor(id)}` }))).toBe('403 no_grant');
    }
  });

  it('is written in visible ASCII', async () => {
    const id = 'zoë %\u{1f600},=';
    const answer = await asked({ authorization: `Bearer ${await tokenFor(id)}` }, '/public/a');
    expect(answer.headers.get('x-bitgate-subject')).toBe('user:zo%C3%AB%20%25%F0%9F%98%80,=');
    expect(decodeURIComponent(answer.headers.get('x-bitgate-subject') ?? '')).toBe(`user:${id}`);
  });

  it('is decided about with method, host and path of the original request', async () => {
    expect(said(await asked({ authorization: `Bearer ${alice}` }, '/by-context?x'))).toBe('200');
    expect(said(await ask(world, 'HEAD', '/by-context', { user: alice }))).toBe('403 condition_false');
  });
});

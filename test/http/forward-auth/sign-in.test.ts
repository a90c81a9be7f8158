/** Where whoever is not signed in is sent, and where from there. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ask, HOST, makeWorld, SIGN_IN, said, type World } from './world.ts';

let world: World;
let without: World;
beforeAll(async () => {
  world = await makeWorld('acme');
  without = await makeWorld('without', {});
});

const signIn = async (path: string, asking: object = {}): Promise<string | null> =>
  (await ask(world, 'GET', path, asking)).headers.get('x-bitgate-sign-in');
const backTo = (url: string): string => `${SIGN_IN}?rd=${encodeURIComponent(url)}`;

describe('without a valid credential', () => {
  it('is told where to sign in, and where that leads back to', async () => {
    expect(await signIn('/admin')).toBe(backTo(`https://${HOST}/admin`));
    expect(await signIn('/admin?a=b&c=/d%20e')).toBe(backTo(`https://${HOST}/admin?a=b&c=/d%20e`));
    expect(await signIn('/admin', { user: 'nonsense' })).toBe(backTo(`https://${HOST}/admin`));
    expect(await signIn('/admin', { headers: { 'x-original-url': `http://${HOST}:8080/admin` } })).toBe(
      backTo(`http://${HOST}:8080/admin`),
    );
    expect(await signIn('/admin', { family: 'forwarded' })).toBe(backTo(`https://${HOST}/admin`));
    expect(await signIn('/admin', { family: 'forwarded', headers: { 'x-forwarded-proto': 'http' } })).toBe(backTo(`https://${HOST}/admin`));
  });

  it('is led back to no host that the routes only have a pattern for, or none', async () => {
    const invalid = { user: 'nonsense' };
    expect(await signIn('/public/a', invalid)).toBe(backTo(`https://${HOST}/public/a`));
    for (const host of ['a.wild.example', 'evil.example', 'wild.example'])
      expect(await signIn('/public/a', { ...invalid, host })).toBe(SIGN_IN);
  });

  it('is led back to less of a long address', async () => {
    expect(await signIn(`/admin?${'q'.repeat(2_000)}`)).toBe(backTo(`https://${HOST}/admin`));
    expect(await signIn(`/projects/${'p'.repeat(400)}?${'q'.repeat(700)}`)).toBe(backTo(`https://${HOST}/projects/${'p'.repeat(400)}`));
    expect(await signIn(`/public/${'a'.repeat(2_000)}`, { user: 'nonsense' })).toBe(backTo(`https://${HOST}/`));
  });

  it('is challenged, and not by a method that a browser asks a password for', async () => {
    for (const [user, challenge] of [
      [null, 'Bearer realm="bitgate"'],
      ['nonsense', 'Bearer realm="bitgate", error="invalid_token"'],
    ] as const) {
      for (const each of [world, without])
        expect((await ask(each, 'GET', '/admin', { user })).headers.get('www-authenticate')).toBe(challenge);
    }
    expect((await ask(without, 'GET', '/admin')).headers.has('x-bitgate-sign-in')).toBe(false);
  });

  it('gets a page that goes there, where the proxy relays one and a browser asks', async () => {
    const html = { accept: 'text/html,application/xhtml+xml' };
    for (const family of ['forwarded', 'envoy'] as const) {
      const page = await ask(world, 'GET', `/admin?a=b&c='"<`.slice(0, -2), { family, headers: html });
      expect(said(page)).toBe('401 missing_credentials');
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.headers.get('content-security-policy')).toBe("default-src 'none'");
      const url = backTo(`https://${HOST}/admin?a=b&c='`);
      expect(page.headers.get('x-bitgate-sign-in')).toBe(url);
      expect(page.text).toContain(`<a href="${url.replace("'", '&#39;')}">`);
      expect(page.text).not.toContain('<script');
    }
    expect((await ask(world, 'GET', '/admin', { headers: html })).headers.get('content-type')).toContain('json');
    expect((await ask(world, 'GET', '/admin', { family: 'forwarded' })).headers.get('content-type')).toContain('json');
    expect((await ask(world, 'GET', '/admin', { family: 'forwarded', headers: html, as: 'HEAD' })).text).toBe('');
  });

  it('gets no page when it is known and may not', async () => {
    const denied = await ask(world, 'GET', '/none', { family: 'forwarded', headers: { accept: 'text/html' } });
    expect([said(denied), denied.headers.has('x-bitgate-sign-in')]).toEqual(['403 no_route', false]);
  });
});

/** What forward-auth takes from the settings, whoever wrote them. */
import { describe, expect, it } from 'vitest';
import { forwardAuthOf } from '../../../src/http/forward-auth/settings.ts';

const NOTHING = { cookie: null, sign_in_url: null, return_parameter: 'rd' };
const read = (forward_auth?: unknown) => forwardAuthOf({ settings: JSON.stringify({ forward_auth }) });

describe('the settings of forward-auth', () => {
  it('are read once for a catalog, and by default are none', () => {
    const catalog = { settings: '{}' };
    expect(forwardAuthOf(catalog)).toEqual(NOTHING);
    expect(forwardAuthOf(catalog)).toBe(forwardAuthOf(catalog));
    const all = { cookie: '__Host-session', sign_in_url: 'https://login.example/', return_parameter: 'return_to' };
    expect(read(all)).toEqual(all);
  });

  it.each([
    undefined,
    null,
    5,
    'session',
    [],
    { cookie: 5, sign_in_url: {}, return_parameter: null },
    { cookie: '', sign_in_url: '', return_parameter: '' },
  ])('typed by hand as %j are none', (forward_auth) => {
    expect(read(forward_auth)).toEqual(NOTHING);
  });

  it.each(['a b', 'a=b', 'a;b', 'a,b', '"a"', '$Version', 'é', 'a\n', 'a\u0000', 'a'.repeat(129)])('have no cookie called %j', (cookie) => {
    expect(read({ cookie, sign_in_url: 'https://a.example' })).toEqual({ ...NOTHING, sign_in_url: 'https://a.example' });
  });

  it.each([
    'https://a.example',
    'https://A.example:8443/x/y?z=1',
    'https://10.0.0.1/',
    'http://localhost',
    'http://localhost:3000/in',
    'http://127.0.0.1/',
    'http://[::1]:80/',
  ])('send people to %s', (sign_in_url) => {
    expect(read({ sign_in_url }).sign_in_url).toBe(sign_in_url);
    expect(new URL(sign_in_url).username).toBe('');
  });

  it.each([
    'http://a.example/',
    'http://localhost.a.example/',
    'http://localhost@a.example/',
    'https://user@a.example/',
    'https://a.example@b.example/',
    'https:/a.example',
    'https:a.example',
    'https:///a.example',
    '//a.example',
    '/sign-in',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://a.example/#x',
    'https://a.example\\@b.example',
    'https://a.example/\r\nSet-Cookie: a=b',
    'https://a.example/ b',
    'https://a.example/"',
    ' https://a.example',
    'https://é.example',
    `https://a.example/${'x'.repeat(2_048)}`,
  ])('never send people to %j', (sign_in_url) => {
    expect(read({ sign_in_url })).toEqual(NOTHING);
  });

  it.each(['a b', 'a&b', 'a=b', 'é', 'a#', 'a\n', 'x'.repeat(65)])('do not name the parameter %j', (return_parameter) => {
    expect(read({ return_parameter })).toEqual(NOTHING);
  });
});

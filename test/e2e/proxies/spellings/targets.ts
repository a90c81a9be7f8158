/** Addresses: denied, unknown, and such as two servers could read in two ways. */
import { HOST } from '../world.ts';
import { ALLOWED, DENIED, REFUSALS, request, type Spelling, shown } from './request.ts';

/** Separated by spaces. */
const PLAIN: Readonly<Record<string, string>> = {
  'empty and dotted segments': `
    //reports/q1 ///reports/q1 /reports//q1 /reports/q1/ /reports/q1// /./reports/q1 /reports/./q1 /reports/q1/.
    /welcome/../reports/q1 /reports/../admin/users /reports/q1/../../admin/users /welcome/..//admin/users /reports/..
    /reports/q1/.. /.. /../reports/q1 /reports/.../q1 /reports/q1/../../welcome
  `,
  'the same, encoded': `
    /reports/%2e%2e/admin/users /reports/%2E%2E/admin/users /reports/.%2e/admin/users /reports/%2e./admin/users
    /reports/q1/%2e /%2e/reports/q1 /reports%2fq1 /reports%2Fq1 /reports/..%2fadmin%2fusers
    /reports/q1%2f..%2f..%2fadmin%2fusers /%2freports/q1 /reports/%71%31 /reports/%51%31 /%72eports/q1
  `,
  backslashes: String.raw`
    /reports\q1 /reports/..\admin\users /reports/%5cq1 /reports/..%5c..%5cadmin%5cusers \reports\q1 /\reports/q1
  `,
  'encoded twice, or wrongly': `
    /reports/q%2531 /reports/%252e%252e/admin/users /reports/%25252e%25252e/admin/users /reports/%25%32%65 /reports/q1%25
    /reports/q1% /reports/q1%7 /reports/%zz /reports/%u0071 /reports/%u002e%u002e/admin/users
  `,
  'bytes that are no text, and text in more than its bytes': `
    /reports/q1%00 /reports/q1%00.png /reports/%ff /reports/%c0%af /reports/%c0%ae%c0%ae/admin/users /reports/%e0%80%af
    /reports/%f8%80%80%80%af /reports/%ed%a0%80 /reports/%ef%bf%bd /reports/q1%c2%85 /reports/q1%e2%80%ae
  `,
  'control characters and spaces': `
    /reports/q1%0a /reports/q1%0d%0aX-Bitgate-Subject:%20user:root /reports/q1%09 /reports/q1%20 /reports/q1%7f
  `,
  'parameters of a segment, fragments, queries': `
    /reports/q1; /reports/q1;a=b /reports;/q1 /reports/..;/admin/users /reports;/../admin/users /reports/q1%3b
    /reports/q1# /reports/q1#/../../admin/users /admin/users#/reports/q1 /reports/q1%23 /reports/q1%3f
    /admin/users?/../../reports/q1 /admin/users?path=/reports/q1 /admin/users%3f/../reports/q1 ?/reports/q1 /?/reports/q1
  `,
  'case, endings, what nobody named': `
    /Reports/q1 /REPORTS/q1 /reports/Q1 /reports/q1.json /reports/q1, /reports/q2 /reports /reports/ / /admin/users
    /admin/users/ /ADMIN/users /admin//users /admin/%75sers /admin/users/q1 /unknown /.well-known/jwks.json
    /orgs/acme/forward-auth
  `,
  'no path at all': `
    * reports/q1 app.example.com:80
  `,
  'absolute form': String.raw`
    http://${HOST}${DENIED} http://${HOST}//reports/q1 http://${HOST}/reports/../admin/users
    http://evil.example.com${ALLOWED} http://user@evil.example.com${ALLOWED} http://${HOST}:x${ALLOWED} http:/${ALLOWED}
    http://${DENIED} http:${DENIED} http://${HOST}@evil.example.com${ALLOWED} http://${HOST}
    http://${HOST}\@evil.example.com${ALLOWED}
  `,
};

/** With what no line of text holds. */
const ODD = ['/reports/q1\0', '/reports/\xff', '/reports/q1\t', '/reports/q1 /x', ' /admin/users', '/reports/q1\x7f', '/reports/q1\x01'];

const plain = Object.entries(PLAIN).flatMap(([kind, targets]) =>
  targets
    .trim()
    .split(/\s+/)
    .map((target) => spellingOf(kind, target)),
);

function spellingOf(kind: string, target: string): Spelling {
  return {
    name: `${kind}: GET ${shown(target)}`,
    bytes: (parties) => request(target, parties),
    // Caddy can't send all of these on, not even to bitgate.
    own: target.startsWith('/') ? REFUSALS : [...REFUSALS, 502],
  };
}

const long: Spelling[] = [
  { name: 'a path of 7,000 bytes', bytes: (parties) => request(`/reports/${'a'.repeat(7000)}`, parties), own: [414] },
  {
    name: 'a path of 70,000 bytes',
    bytes: (parties) => request(`/reports/${'a'.repeat(70_000)}`, parties),
    own: [400, 413, 414, 431, 502],
  },
  { name: 'a path of 2,000 times `/..`', bytes: (parties) => request(`${'/..'.repeat(2000)}${ALLOWED}`, parties) },
  {
    name: 'a header of 900,000 bytes',
    bytes: (parties) => request(DENIED, parties, { headers: [`X-A: ${'a'.repeat(900_000)}`] }),
    own: [400, 413, 431, 502],
  },
];

export const TARGETS: readonly Spelling[] = [...plain, ...ODD.map((target) => spellingOf('odd bytes', target)), ...long];

/** Hosts that no route has, and such as two servers could read in two ways. */
import { HOST } from '../world.ts';
import { ALLOWED, type Parties, REFUSALS, request, type Spelling, shown } from './request.ts';

const HOSTS = [
  null,
  '',
  'evil.example.com',
  `${HOST}.evil.example.com`,
  `evil.${HOST}`,
  `${HOST}, evil.example.com`,
  `${HOST}@evil.example.com`,
  `evil.example.com@${HOST}`,
  `${HOST}/x`,
  `${HOST}..`,
  `.${HOST}`,
  'app..example.com',
  `${HOST}#`,
  `${HOST}?`,
  `${HOST}\\`,
  `${HOST}%00`,
  `${HOST}\0`,
  'app_example.com',
  '127.0.0.1',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::1',
  '2130706433',
  '0x7f000001',
  'localhost',
  '\xe4pp.example.com',
  'xn--pp-xia.example.com',
  `${HOST} evil.example.com`,
] as const;

export const HOST_SPELLINGS: readonly Spelling[] = [
  ...HOSTS.map((host) => ({
    name: `GET ${ALLOWED} with ${host === null ? 'no `Host`' : `\`Host: ${shown(host)}\``}`,
    bytes: (parties: Parties) => request(ALLOWED, parties, { host }),
    own: [...REFUSALS, 421],
  })),
  { name: 'two `Host`', bytes: (parties) => request(ALLOWED, parties, { headers: ['Host: evil.example.com'] }) },
  { name: 'two equal `Host`', bytes: (parties) => request(ALLOWED, parties, { headers: [`Host: ${HOST}`] }) },
  {
    name: '`X-Forwarded-Host` of the app',
    bytes: (parties) => request(ALLOWED, parties, { host: 'evil.example.com', headers: [`X-Forwarded-Host: ${HOST}`] }),
  },
];

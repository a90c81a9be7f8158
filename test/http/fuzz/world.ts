/** The organization that malformed requests are sent to, another beside it, and what both leave in storage. */
import { env, exports } from 'cloudflare:workers';
import { operationOf } from '../../support/operations.ts';
import { call, makeKey, makeOrganization, putManifest, ROOT } from '../client.ts';
import type { World } from './requests.ts';

const document = {
  bitgate: 1,
  catalog: {
    privileges: [
      { name: 'view', levels: ['org'], resource_types: ['dataset'], implies: ['bitgate:read'] },
      { name: 'EDIT_ENTITY_TAGS' },
      { name: 'in_project', levels: ['project'] },
    ],
  },
  policies: [{ name: 'P', privileges: ['view'], effect: 'deny', condition: 'context.x == 1', resource_types: ['dataset'] }],
  roles: [
    { name: 'R', policies: ['P'], privileges: ['view'], inherits: ['bitgate:checker'], reaches_restricted: true },
    { name: 'Viewer', privileges: ['EDIT_ENTITY_TAGS'] },
  ],
  projects: [{ id: 'p1', nickname: 'n', roles: [{ name: 'Own', privileges: ['in_project'] }], properties: { a: { b: [1] } } }],
  subjects: [
    { type: 'user', id: 'bob', status: 'active', properties: { role: 'admin' } },
    { type: 'user', id: 'alice' },
  ],
  groups: [{ name: 'staff', members: ['user:gus'] }],
  resources: [{ type: 'dataset', id: 'd', parents: ['project:p1'], access: 'restricted', owners: [{ subject: 'user:bob', kind: 'T' }] }],
  assignments: [
    { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
    { subject: 'user:alice', role: 'Viewer', scope: 'project:p1' },
  ],
  routes: [{ hosts: ['a.example'], methods: ['GET'], path: '/x/:id', action: 'bitgate:read', resource: 'dataset:{id}' }],
};

/** Nothing in it has a name of the first's. */
const otherDocument = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'other_privilege' }] },
  policies: [{ name: 'Other policy', privileges: ['other_privilege'] }],
  roles: [{ name: 'Other role', policies: ['Other policy'] }],
  projects: [{ id: 'other-project', roles: [{ name: 'Other own' }] }],
  subjects: [{ type: 'user', id: 'other-user' }],
  groups: [{ name: 'Other group', members: ['user:other-user'] }],
  resources: [{ type: 'dataset', id: 'other-dataset', parents: ['project:other-project'] }],
  assignments: [
    { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
    { subject: 'user:other-user', role: 'Other role', scope: 'org' },
  ],
};

export async function makeWorld(organization: string, other: string): Promise<World> {
  await makeOrganization(organization, { owner: 'user:owner' });
  await makeOrganization(other, { owner: 'user:owner' });
  await putManifest(organization, document);
  await putManifest(other, otherDocument);
  const owner = await makeKey(organization, ['bitgate:owner']);
  const checker = await makeKey(organization);
  const stranger = await makeKey(other, ['bitgate:owner']);
  const parts = new Map<string, string>();
  const world: World = {
    organization,
    other,
    otherIds: [
      ...(await idsOf(other)),
      'Other role',
      'Other policy',
      'Other group',
      'user:other-user',
      'project:other-project',
      'dataset:other-dataset',
    ],
    tokens: [...Array<string>(12).fill(owner.token), ...Array<string>(5).fill(ROOT), checker.token, stranger.token],
    part: ({ path }, name) => (name === 'org' ? organization : name === 'project' ? 'p1' : (parts.get(`${path} ${name}`) ?? 'none')),
  };
  for (const [key, value] of await namedParts(organization)) parts.set(key, value);
  return world;
}

/** Ids that the storage made for things of the organization. */
async function idsOf(organization: string): Promise<string[]> {
  const ids: string[] = [];
  for (const table of ['roles', 'policies', 'groups', 'assignments', 'api_keys']) {
    const { results } = await env.DB.prepare(`SELECT id FROM ${table} WHERE org = ?1`).bind(organization).all<{ id: string }>();
    ids.push(...results.map(({ id }) => id).slice(0, 5));
  }
  return ids;
}

/** What stands for the names in an address: the first of the list above it. By address and name. */
async function namedParts(organization: string): Promise<Map<string, string>> {
  const parts = new Map<string, string>();
  const { paths } = (await call('GET', '/openapi.json')).body;
  for (const path of Object.keys(paths)) {
    for (const [, name = ''] of path.matchAll(/\{([^}]+)\}/g)) {
      if (name === 'org' || name === 'project') continue;
      const value = await firstOf(listAbove(path, name).replace('{org}', organization).replace('{project}', 'p1'), name);
      if (value !== null) parts.set(`${path} ${name}`, value);
    }
  }
  return parts;
}

/** `/a/{x}/b/{y}` → `/a/{x}/b` for `y`. */
function listAbove(path: string, name: string): string {
  return path.slice(0, path.indexOf(`{${name}}`)).replace(/(?:\/\{(?!org|project)[^}]+\})*\/$/, '');
}

async function firstOf(list: string, name: string): Promise<string | null> {
  if (list.includes('{') || operationOf('GET', list) === undefined) return null;
  const [first] = (await call('GET', list)).body.items ?? [];
  const value: unknown = first?.[name] ?? first?.id ?? first?.name ?? first?.subject;
  return typeof value === 'string' ? value : null;
}

/** All that a write leaves behind: how many rows each table has, and the newest change. */
export async function traces(): Promise<string> {
  const { results } = await env.DB.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf%' ESCAPE '\\' AND name <> 'd1_migrations'",
  ).all<{ name: string }>();
  const counts = results.map(({ name }) => `(SELECT count(*) FROM "${name}") AS "${name}"`).join(', ');
  const rows = await env.DB.prepare(`SELECT (SELECT max(seq) FROM changes) AS newest, ${counts}`).first();
  return JSON.stringify(rows);
}

/** Who wrote since: the request ids of the audit's newer lines. */
export async function writersAfter(count: number): Promise<readonly string[]> {
  const { results } = await env.DB.prepare('SELECT request_id FROM audit ORDER BY rowid LIMIT -1 OFFSET ?1')
    .bind(count)
    .all<{ request_id: string }>();
  return results.map(({ request_id: id }) => id);
}

export async function auditCount(): Promise<number> {
  return (await env.DB.prepare('SELECT count(*) AS n FROM audit').first<{ n: number }>())?.n ?? 0;
}

/** Keys and pointers. */
export async function kvTraces(): Promise<string> {
  const { keys } = await env.KV.list();
  const pointers = keys.filter(({ name }) => name.endsWith('/pointer'));
  return JSON.stringify([keys, await Promise.all(pointers.map(({ name }) => env.KV.get(name)))]);
}

/** Without the proof of `call`: what is sent here may be described by no operation. */
export function send(url: string, init: RequestInit): Promise<Response> {
  return exports.default.fetch(`https://bitgate.test${url}`, { ...init, redirect: 'manual' });
}

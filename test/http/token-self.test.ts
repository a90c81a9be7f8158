/** A user without rights, with a token: every write operation of administration, with itself in each place that takes a text. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '../../src/http/common/operation.ts';
import { ALL_OPERATIONS } from '../support/operations.ts';
import { type Answer, call, codeOf } from './client.ts';
import { type Json, placesOf, writeEdited } from './fuzz/places.ts';
import { traces } from './fuzz/world.ts';
import { ask, idp, makeTokenAcme } from './token-acme.ts';

const SELF = 'user:bob';
const WRITES = ALL_OPERATIONS.filter(({ method, path }) => method !== 'GET' && path.startsWith('/admin/orgs/:org'));
/** what anybody may do to themselves */
const LEAVING = ['removeMember', 'removeMemberInProject'];

let token = '';

beforeAll(async () => {
  await makeTokenAcme();
  token = await idp.sign('bob', { email: 'bob@example.com', email_verified: true });
});

type Edit = (value: Json) => string;

/** The operation's example with the user in one place after the other; and as it is, with the user wherever the address names something. */
function* attempts({ bodyExample, body, query }: Operation): Generator<{ readonly query: object; readonly edit: Edit }> {
  yield { query: {}, edit: (value) => JSON.stringify(value) };
  for (const name of Object.keys(query?.shape ?? {})) yield { query: { [name]: SELF }, edit: (value) => JSON.stringify(value) };
  if (body === undefined) return;
  // examples are JSON
  for (const place of placesOf(bodyExample as Json))
    yield {
      query: {},
      edit: (value) =>
        writeEdited(value, place, (_written, inObject, key) => `${inObject ? `${JSON.stringify(key)}:` : ''}${JSON.stringify(SELF)}`),
    };
}

function send(operation: Operation, more: object, edit: Edit): Promise<Answer> {
  const { method, path, queryExample, body, bodyExample, bodyTypes } = operation;
  const parts: Readonly<Record<string, string>> = { org: 'tokens', project: 'p1' };
  const address = path.replace(/:([A-Za-z_]+)/g, (_whole, name: string) => encodeURIComponent(parts[name] ?? SELF));
  const asked = new URLSearchParams({ ...queryExample, ...more }).toString();
  const headers = bodyTypes === undefined ? {} : { 'content-type': bodyTypes[0] ?? '' };
  const content = body === undefined ? undefined : edit(bodyExample as Json);
  return call(method, asked === '' ? address : `${address}?${asked}`, content, { token, headers });
}

describe('F68 a user without rights', () => {
  it('is somebody here, and there is something to try', async () => {
    expect(codeOf(await ask('POST', '/roles', token, { name: 'New' }))).toBe('403 missing_privilege');
    expect(WRITES.length).toBeGreaterThan(60);
  });

  it.each(WRITES.filter(({ id }) => !LEAVING.includes(id)).map((operation) => [operation.id, operation] as const))(
    '%s: changes neither its own roles, groups and status nor anything else',
    async (_id, operation) => {
      const before = await traces();
      for (const { query, edit } of attempts(operation)) {
        const answer = await send(operation, query, edit);
        expect([400, 403, 404, 422], `${JSON.stringify(query)} ${answer.status} ${answer.text}`).toContain(answer.status);
      }
      expect(await traces()).toBe(before);
    },
  );

  it('may leave, and is nobody then', async () => {
    expect(codeOf(await ask('DELETE', `/projects/p1/members/${SELF}`, token))).toBe('200');
    expect(codeOf(await ask('DELETE', `/members/${SELF}`, token))).toBe('200');
    expect(codeOf(await ask('DELETE', `/members/${SELF}`, token))).toBe('404 unknown_member');
  });
});

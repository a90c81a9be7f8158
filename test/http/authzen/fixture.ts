/** The organization that AuthZEN's certification scenario asks for, in the model as it is: conditions on policies, nothing special. */
import { makeKey, makeOrganization, putManifest } from '../client.ts';

const ARCHIVED = 'has(resource.properties.status) && resource.properties.status == "archived"';

export const manifest = {
  bitgate: 1,
  catalog: { privileges: ['read', 'write', 'delete'].map((name) => ({ name, resource_types: ['record'] })) },
  policies: [
    { name: 'Write what is not archived', privileges: ['write'], condition: `!(${ARCHIVED})` },
    {
      name: 'Admins write what is archived',
      privileges: ['write'],
      condition: `has(subject.properties.role) && subject.properties.role == "admin" && ${ARCHIVED}`,
    },
    { name: 'Delete softly', privileges: ['delete'], condition: 'has(action.properties.soft) && action.properties.soft == true' },
  ],
  roles: [
    { name: 'Reader', privileges: ['read'] },
    { name: 'Writer', inherits: ['Reader'], policies: ['Write what is not archived', 'Delete softly'] },
  ],
  subjects: [
    { type: 'user', id: 'alice' },
    { type: 'user', id: 'bob', properties: { role: 'admin' } },
  ],
  resources: [
    { type: 'record', id: 'record-1', properties: { status: 'active' } },
    { type: 'record', id: 'record-2', properties: { status: 'archived' } },
  ],
  assignments: [
    { subject: 'user:alice', role: 'Writer', scope: 'org' },
    { subject: 'user:bob', role: 'Reader', scope: 'org' },
    { subject: 'group:anyone', policy: 'Admins write what is archived', scope: 'org' },
  ],
};

/** @returns the token of a key that may check and list */
export async function makeFixture(organization: string): Promise<string> {
  await makeOrganization(organization);
  await putManifest(organization, manifest);
  return (await makeKey(organization)).token;
}

export const alice = { type: 'user', id: 'alice' };
export const bob = { type: 'user', id: 'bob' };
export const admin = { ...bob, properties: { role: 'admin' } };
export const record1 = { type: 'record', id: 'record-1' };
export const record2 = { type: 'record', id: 'record-2' };
export const archived = { ...record2, properties: { status: 'archived' } };
export const [read, write] = [{ name: 'read' }, { name: 'write' }];

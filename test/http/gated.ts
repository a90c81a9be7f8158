/** An organization with a gate, anew for each test: who administers it, whom it would concern, and what tests of proposals do with it. */
import { beforeEach } from 'vitest';
import { type Answer, call, makeKey, makeOrganization, putManifest } from './client.ts';

export const people = (first: number, count: number): string[] => Array.from({ length: count }, (_, i) => `user:u${first + i}`);

/** With two keys and two administrators: twenty subjects. Four are 20 %, five are 25 %. */
export const manifest = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }, { name: 'edit' }, { name: 'secret' }] },
  policies: [{ name: 'Never secret', effect: 'deny', privileges: ['secret'] }],
  roles: [
    { name: 'Four', privileges: ['view', 'edit'] },
    { name: 'Five', privileges: ['view', 'edit'] },
    { name: 'Grouped', privileges: ['view', 'edit'] },
    { name: 'Secretive', privileges: ['secret'] },
    { name: 'Plain', privileges: ['view'] },
  ],
  groups: [{ name: 'team', members: people(10, 5) }],
  subjects: ['user:ann', 'user:bob', ...people(1, 16)].map((subject) => ({ type: 'user', id: subject.slice(5) })),
  assignments: [
    { subject: 'user:ann', role: 'bitgate:owner', scope: 'org' },
    { subject: 'user:bob', role: 'bitgate:owner', scope: 'org' },
    ...people(1, 4).map((subject) => ({ subject, role: 'Four', scope: 'org' })),
    ...people(5, 5).map((subject) => ({ subject, role: 'Five', scope: 'org' })),
    { subject: 'group:team', role: 'Grouped', scope: 'org' },
  ],
};

export const GATE = { sensitive_privileges: ['secret'], lost_percent: 20 };

export let org = '';
export let ann = '';
export let bob = '';
export let bobKey = '';
let made = 0;

export const as = (token: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  call(method, `/admin/orgs/${org}${path}`, body, { token });
export const byRoot = (method: string, path: string, body?: unknown): Promise<Answer> => call(method, `/admin/orgs/${org}${path}`, body);
export const revision = async (): Promise<number> => (await call('GET', `/admin/orgs/${org}`)).body.revision;
export const allowed = async (subject: string, action: string): Promise<boolean> =>
  (await call('POST', '/check', { org, subject, action })).body.decision;
export const give = (subject: string, role: string, token = ann, query = ''): Promise<Answer> =>
  as(token, 'POST', `/assignments${query}`, { subject, role, scope: 'org' });
export const narrow = (role: string, query = ''): Promise<Answer> => as(ann, 'PATCH', `/roles/${role}${query}`, { privileges: ['view'] });
export const reasons = ({ body }: Answer): string[] => (body.proposal ?? body).reasons.map(({ code }: { code: string }) => code);
export const confirm = (id: string, token = bob, query = ''): Promise<Answer> => as(token, 'POST', `/proposals/${id}/confirm${query}`);
export const stateOf = async (id: string): Promise<string> => (await byRoot('GET', `/proposals/${id}`)).body.state;

export function setUp(): void {
  beforeEach(async () => {
    org = `gate${++made}`;
    await makeOrganization(org);
    await putManifest(org, manifest);
    ann = (await makeKey(org, ['bitgate:owner'], { owner: 'user:ann' })).token;
    ({ token: bob, id: bobKey } = await makeKey(org, ['bitgate:owner'], { owner: 'user:bob' }));
    const set = await byRoot('PATCH', '/settings', { blast_radius: GATE });
    if (set.status !== 200) throw new Error(set.text);
  });
}

/**
 * SEC-17 A hundred writers at once on one organization, over the administration's real API: each write is there, whole, at the revision that
 * its answer names; what is there in the end is what the writes one after another give; and no try that came too late is published.
 */
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { type Answer, call, codeOf, makeOrganization, putManifest } from './client.ts';

const WRITERS = 100;
const ADMIN = '/admin/orgs/busy';
/** of one client that is told each time that somebody else was quicker */
const TRIES = 60;

const manifest = {
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }, { name: 'edit' }] },
  roles: [
    { name: 'Viewer', privileges: ['view'] },
    { name: 'Changing', privileges: ['view'] },
  ],
  groups: [{ name: 'team' }],
  resources: [
    { type: 'folder', id: 'f' },
    { type: 'doc', id: 'd', parents: ['folder:f'] },
  ],
  assignments: [{ subject: 'user:o', role: 'bitgate:owner', scope: 'org' }],
};

interface Write {
  readonly revision: number;
  readonly tries: number;
}

/** As a client does it: again, after a pause, when somebody else was quicker. */
async function written(write: () => Promise<Answer>): Promise<Write> {
  for (let tries = 1; ; tries++) {
    const answer = await write();
    if (answer.status < 300) return { revision: answer.body.revision, tries };
    expect(codeOf(answer)).toBe('409 revision_moved');
    if (tries === TRIES) throw new Error('others were always quicker');
    await new Promise((resolve) => setTimeout(resolve, 1_000 * Math.random()));
  }
}

async function seenAt(revision: number, question: object): Promise<{ readonly reason: string; readonly revision: number }> {
  const answer = await call('POST', '/check', { org: 'busy', ...question, min_revision: revision });
  expect(answer.status).toBe(200);
  expect(answer.body.revision).toBeGreaterThanOrEqual(revision);
  return answer.body;
}

/** The i-th writer: most give something of their own, others change what all share. */
async function work(i: number): Promise<Write & { readonly kind: string }> {
  if (i % 5 === 0) {
    const description = `by ${i}`;
    return { kind: 'role', ...(await written(() => call('PATCH', `${ADMIN}/roles/Changing`, { description }))) };
  }
  if (i % 5 === 1) {
    const write = await written(() => call('PUT', `${ADMIN}/groups/team/members/user:m${i}`));
    return { kind: 'member', ...write };
  }
  if (i % 5 === 2) {
    return { kind: 'move', ...(await written(() => call('PATCH', `${ADMIN}/resources/doc:d`, { parents: [`folder:f${i}`] }))) };
  }
  const subject = `user:w${i}`;
  const write = await written(() => call('POST', `${ADMIN}/assignments`, { subject, role: 'Viewer', scope: 'org' }));
  expect((await seenAt(write.revision, { subject, action: 'view' })).reason).toBe('granted');
  return { kind: 'assignment', ...write };
}

it('a hundred writers at once', async () => {
  await makeOrganization('busy');
  await putManifest('busy', manifest);
  const publishedBefore = await published();
  const before = (await call('GET', ADMIN)).body.revision;
  const writes = await Promise.all(Array.from({ length: WRITERS }, (_, i) => work(i)));

  const revisions = writes.map(({ revision }) => revision);
  expect(new Set(revisions).size).toBe(WRITERS);
  expect(Math.min(...revisions)).toBeGreaterThan(before);
  const last = (kind: string): number => {
    const mine = writes.map((write, i) => ({ ...write, i })).filter((write) => write.kind === kind);
    return mine.reduce((newest, write) => (write.revision > newest.revision ? write : newest)).i;
  };
  // one after another: the last one to a shared thing is what stays, and of what is its own nothing is lost
  expect((await call('GET', `${ADMIN}/roles/Changing`)).body.description).toBe(`by ${last('role')}`);
  expect((await call('GET', `${ADMIN}/resources/doc:d`)).body.parents).toEqual([`folder:f${last('move')}`]);
  expect(await column('SELECT member FROM group_members WHERE org = ?1 ORDER BY member')).toEqual(ofKind(1, 'user:m'));
  expect(await column("SELECT principal FROM assignments WHERE org = ?1 AND principal LIKE 'user:w%' ORDER BY principal")).toEqual(
    [...ofKind(3, 'user:w'), ...ofKind(4, 'user:w')].sort(),
  );

  // each write has its line, at its revision, and the chain holds
  const lines = await column('SELECT revision FROM audit WHERE org = ?1 AND revision > ?2 ORDER BY revision', before);
  expect(lines).toEqual([...revisions].sort((a, b) => a - b));
  expect((await call('GET', `${ADMIN}/audit/verify?limit=1000`)).body).toMatchObject({ valid: true, next: null });

  // what is served is what a compile of everything gives, and no write was published twice
  const newest = Math.max(...revisions);
  await seenAt(newest, { subject: 'user:o', action: 'view' });
  expect((await call('POST', `${ADMIN}/recompile?full=true`)).body).toMatchObject({ changed: false, revision: newest });
  const publishes = (await published()) - publishedBefore;
  const tries = writes.reduce((sum, write) => sum + write.tries, 0);
  console.log(`${WRITERS} writes at once: ${tries} requests, ${publishes} publishes`);
  expect(publishes).toBeLessThanOrEqual(WRITERS);
}, 300_000);

function ofKind(rest: number, prefix: string): string[] {
  return Array.from({ length: WRITERS }, (_, i) => i)
    .filter((i) => i % 5 === rest)
    .map((i) => `${prefix}${i}`)
    .sort();
}

async function column(sql: string, ...more: readonly unknown[]): Promise<unknown[]> {
  const { results } = await env.DB.prepare(sql)
    .bind('busy', ...more)
    .all();
  return results.map((row) => Object.values(row)[0]);
}

async function published(): Promise<number> {
  return (await call('GET', `${ADMIN}/revisions?limit=1000`)).body.total;
}

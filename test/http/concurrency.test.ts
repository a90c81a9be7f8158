/** SEC-17: writes that meet. Whoever wins, what is there afterwards is what one order of them gives, and nothing is lost or half done. */
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { type Answer, call, makeOrganization, putManifest } from './client.ts';

const owner = (subject: string): object => ({ subject, role: 'bitgate:owner', scope: 'org' });
const manifestOf = (names: readonly string[], assignments: readonly object[]): object => ({
  bitgate: 1,
  catalog: { privileges: [{ name: 'p' }] },
  roles: names.map((name) => ({ name, privileges: ['p'] })),
  assignments,
});
const post = (org: string, body: object): Promise<Answer> => call('POST', `/admin/orgs/${org}/assignments`, body);
const codes = (answers: readonly Answer[]): string[] =>
  answers.map(({ status, body }) => `${status} ${body.error?.code ?? ''}`.trim()).sort();

async function holders(org: string): Promise<string[]> {
  const { results } = await env.DB.prepare('SELECT principal FROM assignments WHERE org = ?1 ORDER BY principal')
    .bind(org)
    .all<{ principal: string }>();
  return results.map(({ principal }) => principal);
}

/** What is served is what is committed. */
async function servedAsStored(org: string): Promise<void> {
  const stored = (await call('GET', `/admin/orgs/${org}`)).body.revision;
  const served = await call('POST', '/check', { org, subject: 'user:a', action: 'p', min_revision: stored });
  expect([served.status, served.body.revision]).toEqual([200, stored]);
  expect((await call('POST', `/admin/orgs/${org}/recompile?full=true`)).body).toMatchObject({ changed: false, revision: stored });
}

async function audited(org: string, action: string): Promise<number> {
  const row = await env.DB.prepare('SELECT count(*) AS n FROM audit WHERE org = ?1 AND action = ?2')
    .bind(org, action)
    .first<{ n: number }>();
  return row?.n ?? 0;
}

describe('two at once', () => {
  it('make the same assignment once', async () => {
    await makeOrganization('twice');
    await putManifest('twice', manifestOf(['R'], []));
    const wanted = { subject: 'user:a', role: 'R', scope: 'org' };
    const answers = await Promise.all(Array.from({ length: 4 }, () => post('twice', wanted)));
    expect(codes(answers).filter((code) => code === '201')).toHaveLength(1);
    for (const answer of answers) expect(['201', '200', '409 revision_moved']).toContain(codes([answer])[0]);
    expect(new Set(answers.filter(({ status }) => status < 300).map(({ body }) => body.id)).size).toBe(1);
    expect(await holders('twice')).toEqual(['user:a']);
    expect(await audited('twice', 'assignment.create')).toBe(1);
    await servedAsStored('twice');
  });

  it('take the same assignment once, and the other is told that it isn’t there', async () => {
    await makeOrganization('taken');
    await putManifest('taken', manifestOf(['R'], [{ subject: 'user:a', role: 'R', scope: 'org' }]));
    const query = '/admin/orgs/taken/assignments?subject=user:a&role=R&scope=org';
    const answers = await Promise.all([1, 2, 3].map(() => call('DELETE', query)));
    expect(codes(answers).filter((code) => code === '200')).toHaveLength(1);
    for (const code of codes(answers)) expect(['200', '404 not_found', '409 revision_moved']).toContain(code);
    expect(await audited('taken', 'assignment.delete')).toBe(1);
    await servedAsStored('taken');
  });

  it('never take the last two owners', async () => {
    for (let round = 0; round < 5; round++) {
      const org = `owners-${round}`;
      await makeOrganization(org);
      await putManifest(org, manifestOf([], [owner('user:a'), owner('user:b')]));
      const take = (subject: string): Promise<Answer> =>
        call('DELETE', `/admin/orgs/${org}/assignments?subject=${subject}&role=bitgate:owner&scope=org`);
      const answers = await Promise.all([take('user:a'), take('user:b')]);
      expect(codes(answers)).toEqual(['200', '409 last_owner']);
      expect(await holders(org)).toHaveLength(1);
    }
  });

  it('never take one owner while the other’s organization is denied to them', async () => {
    await makeOrganization('denied');
    const locked = { name: 'Locked', effect: 'deny', privileges: ['bitgate:manage_policies'] };
    await putManifest('denied', { ...manifestOf([], [owner('user:a'), owner('user:b')]), policies: [locked] });
    const answers = await Promise.all([
      post('denied', { subject: 'user:a', policy: 'Locked', scope: 'org' }),
      call('DELETE', '/admin/orgs/denied/assignments?subject=user:b&role=bitgate:owner&scope=org'),
    ]);
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
    expect(answers.find(({ status }) => status >= 300)?.body.error.code).toBe('last_owner');
  });

  it('make one organization', async () => {
    const answers = await Promise.all([1, 2, 3].map((i) => call('POST', '/admin/orgs', { id: 'same', name: `n${i}`, owner: `user:${i}` })));
    expect(codes(answers)).toEqual(['201', '409 organization_exists', '409 organization_exists']);
    const { body } = answers.find(({ status }) => status === 201)!;
    expect((await call('GET', '/admin/orgs/same')).body.name).toBe(body.name);
    expect(await holders('same')).toEqual([`user:${body.name.slice(1)}`]);
  });

  it('manifests leave one of the two, whole', async () => {
    await makeOrganization('manifests');
    await putManifest('manifests', manifestOf(['Old'], [{ subject: 'user:old', role: 'Old', scope: 'org' }]));
    for (let round = 0; round < 5; round++) {
      const documents = ['X', 'Y'].map((name) =>
        manifestOf(
          Array.from({ length: 20 }, (_, i) => `${name}${round}-${i}`),
          Array.from({ length: 20 }, (_, i) => ({ subject: `user:${name}${i}`, role: `${name}${round}-${i}`, scope: 'org' })),
        ),
      );
      const answers = await Promise.all(documents.map((document) => call('PUT', '/admin/orgs/manifests/manifest', document)));
      for (const code of codes(answers)) expect(['200', '409 revision_moved']).toContain(code);
      const exported = (await call('GET', '/admin/orgs/manifests/manifest')).body;
      const names = new Set(exported.roles.map(({ name }: { name: string }) => name[0]));
      expect([names.size, exported.roles.length, exported.assignments.length]).toEqual([1, 20, 20]);
      expect((await holders('manifests')).every((principal) => principal.startsWith(`user:${[...names][0]}`))).toBe(true);
    }
    await servedAsStored('manifests');
  });

  it('a manifest and an assignment give what one order of them gives', async () => {
    const seen = new Set<string>();
    for (let round = 0; round < 8; round++) {
      const org = `mixed-${round}`;
      await makeOrganization(org);
      await putManifest(org, manifestOf(['R', 'Gone'], []));
      // Now the one waits a little, now the others.
      const wait = (mine: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, round % 2 === mine ? round * 4 : 0));
      const later = async (subject: string, role: string): Promise<Answer> => {
        await wait(0);
        return post(org, { subject, role, scope: 'org' });
      };
      const put = async (): Promise<Answer> => {
        await wait(1);
        return call('PUT', `/admin/orgs/${org}/manifest`, manifestOf(['R'], [{ subject: 'user:m', role: 'R', scope: 'org' }]));
      };
      const [manifest, kept, gone] = await Promise.all([put(), later('user:kept', 'R'), later('user:gone', 'Gone')]);
      expect(['200', '409 revision_moved']).toContain(codes([manifest])[0]);
      expect(['201', '409 revision_moved']).toContain(codes([kept])[0]);
      // Before the manifest the role is there; after it the name means nothing any more.
      expect(['201', '422 invalid_assignment', '409 revision_moved']).toContain(codes([gone])[0]);
      const last = manifest.status === 200 ? manifest.body.revision : 0;
      const expected = [
        ...(manifest.status === 200 ? ['user:m'] : []),
        ...(kept.status === 201 && kept.body.revision > last ? ['user:kept'] : []),
        ...(gone.status === 201 && gone.body.revision > last ? ['user:gone'] : []),
      ].sort();
      expect(await holders(org)).toEqual(expected);
      seen.add(`${manifest.status} ${expected.join()}`);
      await servedAsStored(org);
    }
    console.log(`a manifest beside assignments: ${[...seen].join(' | ')}`);
  });
});

describe('a write that the database refuses', () => {
  it('leaves nothing, whichever row it is', async () => {
    await makeOrganization('whole');
    await putManifest('whole', manifestOf(['R'], [owner('user:o')]));
    const before = (await call('GET', '/admin/orgs/whole')).body.revision;
    const audit = await audited('whole', 'manifest.put');
    // SQLite's length() ends at NUL, so the reference looks empty to it: the last row of many
    const subjects = Array.from({ length: 50 }, (_, i) => ({ type: 'user', id: i === 49 ? '\u0000' : `u${i}` }));
    const answer = await call('PUT', '/admin/orgs/whole/manifest', { ...manifestOf(['R', 'New'], [owner('user:o')]), subjects });
    expect([answer.status, answer.body.error.code]).toEqual([409, 'conflict']);
    expect((await call('GET', '/admin/orgs/whole')).body.revision).toBe(before);
    expect(await audited('whole', 'manifest.put')).toBe(audit);
    expect((await call('GET', '/admin/orgs/whole/manifest')).body.roles).toHaveLength(1);
  });
});

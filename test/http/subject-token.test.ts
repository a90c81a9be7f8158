/** `subject_token`: whoever may ask about others asks about the subject of a token, with what the token gives. */
import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, codeOf, makeKey, makeOrganization, putManifest, ROOT } from './client.ts';
import { type Issuing, issuing } from './users.ts';

let issuer: Issuing;
let editor: string;
let key: string;
let idle: string;

const document = (mapped: boolean): object => ({
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }, { name: 'edit' }] },
  roles: [{ name: 'Editor', privileges: ['edit'] }],
  resources: [{ type: 'dataset', id: 'd1' }],
  assignments: [{ subject: 'user:owner', role: 'bitgate:owner', scope: 'org' }],
  settings: {
    issuers: [issuer.settings],
    claim_mappings: mapped ? [{ claim: 'groups', value: 'editors', role: 'Editor', scope: 'org' }] : [],
  },
});

beforeAll(async () => {
  issuer = await issuing('acme');
  await makeOrganization('acme', { owner: 'user:owner' });
  await putManifest('acme', document(true));
  editor = await issuer.sign({ groups: ['editors'] });
  key = (await makeKey('acme', ['bitgate:checker'])).token;
  idle = (await makeKey('acme', [])).token;
});

const send = (path: string, body: object, token: string): Promise<Answer> => call('POST', path, body, { token });

describe('a subject token', () => {
  it('stands for its subject, with what its claims give, whoever asks', async () => {
    const asked = { subject_token: editor, action: 'edit' };
    for (const token of [key, ROOT]) {
      const { body } = await send('/check', { ...asked, ...(token === ROOT ? { org: 'acme' } : {}) }, token);
      expect(body).toMatchObject({ decision: true, reason: 'granted' });
    }
    expect((await send('/check', { subject: 'user:ada', action: 'edit' }, key)).body.decision).toBe(false);
    expect((await send('/check', { subject_token: editor, all_of: ['edit', 'view'] }, key)).body.decision).toBe(false);
    const { body } = await send('/orgs/acme/check', { ...asked, explain: true }, ROOT);
    expect(body).toMatchObject({ decision: true, explanation: { subject: { subject: 'user:ada' } } });
    expect(await exports.Pdp.check(asked, { key })).toMatchObject({ decision: true });
  });

  it('stands for its subject in lists', async () => {
    const by = (await makeKey('acme', ['bitgate:owner'])).token;
    const asked = { subject_token: editor };
    expect((await send('/list/actions', asked, by)).body.items).toEqual(['edit']);
    expect((await send('/list/resources', { ...asked, action: 'edit' }, by)).body.items).toEqual(['dataset:d1']);
    expect((await send('/list/scopes', { ...asked, action: 'edit', type: 'row' }, by)).body.default.org.allow).toBe('yes');
    expect(await exports.Pdp.listActions(asked, { key: by })).toMatchObject({ items: ['edit'] });
    expect(codeOf(await send('/list/subjects', { ...asked, action: 'edit' }, by))).toBe('400 invalid_list');
    expect(codeOf(await send('/list/actions', { subject_token: 'a.b.c' }, by))).toBe('401 invalid_subject_token');
  });

  it('stands in the defaults of a batch for every item that names nobody, and gives to its subject alone', async () => {
    const checks = [
      { action: 'edit' },
      { action: 'edit', subject: 'user:bob' },
      { action: 'edit', subject: 'user:ada' },
      { action: 'view' },
    ];
    const { body } = await send('/check/batch', { defaults: { subject_token: editor }, checks }, key);
    expect(body.results.map(({ decision }: { decision: boolean }) => decision)).toEqual([true, false, true, false]);
    const single = await send('/check/batch', { checks: [{ subject_token: editor, action: 'edit' }] }, key);
    expect(single.body.results[0].error.code).toBe('invalid_check');
    expect(single.text).not.toContain(editor.slice(-20));
  });

  it.each([
    ['beside a subject', { subject: 'user:ada', subject_token: 'a.b.c', action: 'edit' }],
    ['that is no text', { subject_token: 1, action: 'edit' }],
    ['that is empty', { subject_token: '', action: 'edit' }],
  ])('is refused %s', async (_name, body) => {
    expect(codeOf(await send('/check', body, key))).toBe('400 invalid_check');
    const { action, ...defaults } = body;
    expect(codeOf(await send('/check/batch', { defaults, checks: [{ action }] }, key))).toBe(
      body.subject_token === '' ? '401 invalid_subject_token' : '400 invalid_batch',
    );
  });

  it('needs the right to ask about others, also when it is of whoever asks', async () => {
    const asked = { subject_token: editor, action: 'edit' };
    for (const token of [idle, editor]) {
      expect(codeOf(await send('/orgs/acme/check', asked, token))).toBe('403 missing_privilege');
      expect(codeOf(await send('/orgs/acme/list/actions', { subject_token: editor }, token))).toBe('403 missing_privilege');
      const batch = { defaults: { subject_token: editor }, checks: [{ action: 'edit' }] };
      expect(codeOf(await send('/orgs/acme/check/batch', batch, token))).toBe('403 missing_privilege');
    }
    expect(codeOf(await send('/orgs/acme/check', { ...asked, explain: true }, key))).toBe('403 missing_privilege');
  });

  it('is never of a key, nor of the root token', async () => {
    for (const subject_token of [key, ROOT])
      expect(codeOf(await send('/check', { subject_token, action: 'edit' }, key))).toBe('401 invalid_subject_token');
  });

  it('gives what the mappings give at the newest revision that is asked, also in a question about the past', async () => {
    const before = (await call('GET', '/admin/orgs/acme')).body.revision;
    await putManifest('acme', document(false));
    const min_revision = (await call('GET', '/admin/orgs/acme')).body.revision;
    const asked = { org: 'acme', subject_token: editor, action: 'edit' };
    expect((await send('/check', { ...asked, min_revision }, ROOT)).body).toMatchObject({ decision: false, revision: min_revision });
    expect((await send('/check', { ...asked, at_revision: before }, ROOT)).body).toMatchObject({ decision: false, revision: before });
  });
});

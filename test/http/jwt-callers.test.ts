/** End users as callers: at which addresses, about whom, and what their tokens give, for whom and how long. */
import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '../../src/http/common/operation.ts';
import { ASKING_OPERATIONS, ask, asksAbout } from './asking.ts';
import { type Answer, call, codeOf, makeKey, makeOrganization, putManifest } from './client.ts';
import { type Issuing, issuing } from './users.ts';

const ADA = { type: 'user', id: 'ada' };
const BOB = { type: 'user', id: 'bob' };
const MAPPINGS = [
  { claim: 'groups', value: 'askers', group: 'askers' },
  { claim: 'groups', value: 'editors', role: 'Editor', scope: 'org' },
];

const document = (issuer: Issuing, settings: object = {}): object => ({
  bitgate: 1,
  catalog: { privileges: [{ name: 'view' }, { name: 'edit' }] },
  roles: [
    { name: 'Editor', privileges: ['edit'] },
    { name: 'Asker', privileges: ['bitgate:check', 'bitgate:list', 'bitgate:explain'] },
  ],
  groups: [{ name: 'askers' }],
  subjects: [
    { type: 'user', id: 'ada' },
    { type: 'user', id: 'bob' },
    { type: 'user', id: 'gone', status: 'suspended' },
  ],
  resources: [{ type: 'dataset', id: 'd1' }],
  assignments: [
    { subject: 'user:owner', role: 'bitgate:owner', scope: 'org' },
    { subject: 'group:askers', role: 'Asker', scope: 'org' },
  ],
  settings: { issuers: [issuer.settings], claim_mappings: MAPPINGS, ...settings },
});

let issuer: Issuing;
/** of ada: without any claim, as an asker, as an editor */
let plain: string;
let asker: string;
let editor: string;
let key: { readonly token: string; readonly id: string };

beforeAll(async () => {
  issuer = await issuing('acme');
  await makeOrganization('acme', { owner: 'user:owner' });
  await putManifest('acme', document(issuer));
  [plain, asker, editor] = await Promise.all([
    issuer.sign(),
    issuer.sign({ groups: ['askers'] }),
    issuer.sign({ groups: ['unheard of', 'editors'] }),
  ]);
  key = await makeKey('acme', []);
});

const check = (token: string, question: object): Promise<Answer> => call('POST', '/orgs/acme/check', question, { token });
const OPERATIONS = ASKING_OPERATIONS.map((operation) => [operation.id, operation] as const);

/** two evaluations, three searches */
const AUTHZEN = 5;

describe('every way of asking', () => {
  it('is among those that are tried here', () => {
    const faces = [
      'check',
      'checkBatch',
      'checkByQuery',
      'getBitmap',
      'listAllowedActions',
      'listAllowedResources',
      'listAllowedSubjects',
      'listScopes',
    ];
    const ids = OPERATIONS.map(([id]) => id);
    expect(ids).toEqual(expect.arrayContaining(faces.map((face) => `${face}InOrganization`)));
    expect(ids.length).toBe(faces.length + AUTHZEN);
  });

  it.each(OPERATIONS)('%s answers an end user about the user, and about others with the privilege alone', async (_id, operation) => {
    const own = asksAbout(operation) ? '200' : '403 missing_privilege';
    expect(codeOf(await ask(operation, 'acme', ADA, { token: plain }))).toBe(own);
    expect(codeOf(await ask(operation, 'acme', BOB, { token: plain }))).toBe('403 missing_privilege');
    expect(codeOf(await ask(operation, 'acme', ADA, { token: asker }))).toBe('200');
    expect(codeOf(await ask(operation, 'acme', BOB, { token: asker }))).toBe('200');
  });

  it.each(OPERATIONS)('%s answers a key about the key, and about others with the privilege alone', async (_id, operation) => {
    const { token, id } = key;
    const own = asksAbout(operation) ? '200' : '403 missing_privilege';
    expect(codeOf(await ask(operation, 'acme', { type: 'api_key', id }, { token }))).toBe(own);
    expect(codeOf(await ask(operation, 'acme', { type: 'user', id }, { token }))).toBe('403 missing_privilege');
  });

  it.each(OPERATIONS)(
    '%s is of one organization: at an address without one, and in every other, a token is refused',
    async (_id, operation) => {
      expect(codeOf(await ask(operation, null, ADA, { token: asker }))).toBe('401 invalid_credentials');
      for (const strange of ['nowhere', 'No!', '%00'])
        expect(codeOf(await ask(operation, strange, ADA, { token: asker }))).toBe('401 invalid_credentials');
    },
  );
});

describe('a subject that is left out', () => {
  const OWN = [
    'checkInOrganization',
    'checkByQueryInOrganization',
    'checkBatchInOrganization',
    /^list(AllowedResources|AllowedActions|Scopes)/,
  ];
  const takes = ({ id }: Operation): boolean => OWN.some((each) => (typeof each === 'string' ? each === id : each.test(id)));

  it.each(OPERATIONS.filter(([, operation]) => takes(operation)))('%s: is the user who asks', async (_id, operation) => {
    const named = await ask(operation, 'acme', ADA, { token: plain });
    expect((await ask(operation, 'acme', undefined, { token: plain })).body).toEqual(named.body);
  });

  it.each(OPERATIONS.filter(([, operation]) => takes(operation)))('%s: is nobody of a key', async (id, operation) => {
    const answer = await ask(operation, 'acme', undefined, { token: (await makeKey('acme', ['Asker'])).token });
    if (id === 'checkBatchInOrganization') {
      expect(answer.body.results[0].error.details.problems).toMatchObject([{ path: 'subject' }]);
      return;
    }
    expect(answer.status).toBe(400);
    expect(answer.body.error.details.problems).toMatchObject([{ code: 'invalid_value', path: 'subject' }]);
  });
});

describe('what a token gives', () => {
  const edit = { action: 'edit' };

  it('counts for the user who brings it', async () => {
    expect((await check(editor, { ...edit, explain: true })).body).toMatchObject({ decision: true, explanation: { decision: true } });
    expect((await check(plain, edit)).body).toMatchObject({ decision: false, reason: 'no_grant' });
    expect((await check(editor, { any_of: ['view', 'edit'] })).body).toMatchObject({ decision: true });
    const listed = await call('POST', '/orgs/acme/list/actions', {}, { token: editor });
    expect(listed.body.items).toEqual(['edit']);
    expect((await call('POST', '/orgs/acme/list/resources', edit, { token: editor })).body.items).toEqual(['dataset:d1']);
    expect((await call('POST', '/orgs/acme/list/scopes', { ...edit, type: 'row' }, { token: editor })).body.default.org.allow).toBe('yes');
  });

  it('counts for nobody else whom the user asks about', async () => {
    const both = await issuer.sign({ groups: ['askers', 'editors'] });
    const checks = [{ ...edit }, { ...edit, subject: 'user:bob' }, { ...edit, subject: 'user:ada' }];
    const { body } = await call('POST', '/orgs/acme/check/batch', { checks }, { token: both });
    expect(body.results.map(({ decision }: { decision: boolean }) => decision)).toEqual([true, false, true]);
    expect((await check(both, { ...edit, subject: 'user:bob' })).body.decision).toBe(false);
    expect((await call('POST', '/orgs/acme/list/subjects', edit, { token: both })).body.items).toEqual(['user:owner']);
    const evaluations = [{}, { subject: BOB }, { subject: { type: 'api_key', id: 'ada' } }];
    const question = { subject: ADA, action: { name: 'edit' }, resource: { type: 'dataset', id: 'd1' }, evaluations };
    const said = (await call('POST', '/orgs/acme/access/v1/evaluations', question, { token: both })).body.evaluations;
    expect(said).toEqual([{ decision: true }, { decision: false }, { decision: false }]);
  });

  it('is nothing that another token of the same user gives, and no cursor goes from one to the other', async () => {
    await call('POST', '/admin/orgs/acme/resources', { type: 'dataset', id: 'd2' });
    const first = await call('POST', '/orgs/acme/list/resources', { ...edit, limit: 1 }, { token: editor });
    const cursor = first.body.next_cursor;
    const again = await issuer.sign({ groups: ['editors', 'unheard of'], jti: '2' });
    expect((await call('POST', '/orgs/acme/list/resources', { ...edit, cursor }, { token: again })).body.items).toEqual(['dataset:d2']);
    expect(codeOf(await call('POST', '/orgs/acme/list/resources', { ...edit, cursor }, { token: plain }))).toBe('400 invalid_cursor');
  });

  it('SEC-34 is nothing without a mapping, whatever privileges, roles, groups and scopes its claims name', async () => {
    const names = ['edit', 'Editor', 'askers', 'bitgate:check', 'bitgate:owner', 'Asker', '*'];
    const boasting = await issuer.sign({
      roles: names,
      role: 'Editor',
      privileges: names,
      permissions: names,
      scope: names.join(' '),
      group: 'editors',
      admin: true,
      root: true,
      bitgate: { roles: names },
    });
    expect((await check(boasting, edit)).body).toMatchObject({ decision: false, reason: 'no_grant' });
    expect(codeOf(await check(boasting, { ...edit, subject: 'user:bob' }))).toBe('403 missing_privilege');
  });

  it('is nothing when the subject is suspended', async () => {
    const gone = await issuer.sign({ sub: 'gone', groups: ['askers', 'editors'] });
    expect((await check(gone, edit)).body).toMatchObject({ decision: false, reason: 'subject_suspended' });
    expect(codeOf(await check(gone, { ...edit, subject: 'user:bob' }))).toBe('403 missing_privilege');
  });

  it('lets nobody assume, and nobody ask why about others, without `bitgate:explain`', async () => {
    const assume = [{ subject: 'user:ada', role: 'Editor', scope: 'org' }];
    expect(codeOf(await check(plain, { ...edit, assume }))).toBe('403 missing_privilege');
    expect((await check(asker, { ...edit, assume })).body).toMatchObject({ decision: true, assumed: true });
    expect((await check(asker, { ...edit, subject: 'user:bob', explain: true })).status).toBe(200);
  });

  it('is asked of the past as it is now: by the mappings of now, about the grants of then', async () => {
    const { revision } = (await call('GET', '/admin/orgs/acme')).body;
    expect((await check(editor, { ...edit, at_revision: revision })).body).toMatchObject({ decision: true, revision });
    expect(codeOf(await check(plain, { ...edit, subject: 'user:bob', at_revision: revision }))).toBe('403 missing_privilege');
  });
});

describe('a bitmap', () => {
  const bitmap = async (token: string): Promise<Record<string, unknown>> => {
    const { text } = await call('GET', '/orgs/acme/bitmap?subject=user:ada&ttl=300', undefined, { token });
    return JSON.parse(atob((text.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')));
  };

  it('of the user who asks holds what the token gives, and no longer than it is valid', async () => {
    const exp = Math.floor(Date.now() / 1_000) + 120;
    const short = await issuer.sign({ groups: ['editors'], exp });
    const given = await bitmap(short);
    expect(given).toMatchObject({ bitgate: { names: ['edit'] } });
    expect(given.exp).toBeLessThan(exp);
    expect(await bitmap(plain)).toMatchObject({ bitgate: { names: [] } });
    expect((await bitmap(plain)).exp).toBeGreaterThan(exp);
  });
});

describe('over RPC', () => {
  it('an end user asks as over HTTP, in the organization that is named', async () => {
    const { Pdp } = exports;
    expect(await Pdp.check({ action: 'edit' }, { token: editor, organization: 'acme' })).toMatchObject({ decision: true });
    expect(await Pdp.check({ action: 'edit', subject: 'user:bob' }, { token: editor, organization: 'acme' })).toMatchObject({
      decision: false,
      error: { code: 'missing_privilege' },
    });
    expect(await Pdp.explain({ action: 'edit' }, { token: editor, organization: 'acme' })).toMatchObject({ decision: true });
    expect(await Pdp.listActions({}, { token: editor, organization: 'acme' })).toMatchObject({ items: ['edit'] });
    expect(await Pdp.checkBatch({ checks: [{ action: 'edit' }] }, { token: editor, organization: 'acme' })).toMatchObject({
      results: [{ decision: true }],
    });
    expect(await Pdp.check({ action: 'edit' }, { token: editor })).toMatchObject({ error: { code: 'invalid_credentials' } });
  });
});

describe('a batch', () => {
  it.each([
    ['holds somebody else, behind the user', [{ action: 'edit' }, { action: 'edit', subject: 'user:bob' }]],
    ['holds nothing', []],
    ['holds nothing that can be read', [1]],
  ])('without the privilege is refused whole when it %s', async (_name, checks) => {
    expect(codeOf(await call('POST', '/orgs/acme/check/batch', { checks }, { token: plain }))).toBe('403 missing_privilege');
  });
});

describe('a change of the settings', () => {
  it('counts from the revision on that has it: a mapping that is gone gives nothing, an issuer that is gone lets nobody in', async () => {
    await makeOrganization('moving', { owner: 'user:owner' });
    const own = await issuing('moving');
    const ask = (question: object = {}): Promise<Answer> =>
      call('POST', '/orgs/moving/check', { action: 'edit', ...question }, { token: given });
    await putManifest('moving', document(own));
    const given = await own.sign({ groups: ['editors', 'askers'] });
    expect((await ask()).body).toMatchObject({ decision: true });
    const { headers } = await putManifest('moving', document(own, { claim_mappings: [] }));
    const min_revision = Number(headers.get('x-bitgate-revision') ?? (await call('GET', '/admin/orgs/moving')).body.revision);
    expect((await ask({ min_revision })).body).toMatchObject({ decision: false, reason: 'no_grant' });
    expect(codeOf(await ask({ subject: 'user:bob', min_revision }))).toBe('403 missing_privilege');
    await putManifest('moving', document(own, { issuers: [], claim_mappings: [] }));
    const next = (await call('GET', '/admin/orgs/moving')).body.revision;
    expect(codeOf(await ask({ min_revision: next }))).toBe('401 invalid_credentials');
  });
});

describe('SEC-47 tenants', () => {
  it('a token of one organization is none in another, also of the same issuer', async () => {
    for (const [name, audience] of [
      ['other', 'other'],
      ['stranger', 'acme'],
    ] as const) {
      await makeOrganization(name, { owner: 'user:owner' });
      const theirs = name === 'other' ? { ...issuer, settings: { ...issuer.settings, audience } } : await issuing(audience);
      await putManifest(name, document(theirs));
      for (const [, operation] of OPERATIONS)
        expect(codeOf(await ask(operation, name, ADA, { token: asker })), operation.id).toBe('401 invalid_credentials');
    }
  });
});

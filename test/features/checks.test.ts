/** What the seeds ask of composite checks and of batches. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, makeKey, makeOrganization, putManifest } from '../http/client.ts';

/** DataHub's API operations, as alternatives of single privileges, or privileges that are all needed. */
const OPERATIONS: Readonly<Record<string, { readonly any_of: readonly string[] } | { readonly all_of: readonly string[] }>> = {
  'ENTITY CREATE': { any_of: ['CREATE_ENTITY', 'EDIT_ENTITY'] },
  'ENTITY READ': { any_of: ['VIEW_ENTITY_PAGE', 'GET_ENTITY_PRIVILEGE', 'EDIT_ENTITY', 'DELETE_ENTITY'] },
  'ENTITY UPDATE': { any_of: ['EDIT_ENTITY'] },
  'ENTITY DELETE': { any_of: ['DELETE_ENTITY'] },
  'ENTITY EXECUTE': { any_of: ['EXECUTE_ENTITY'] },
  'ENTITY EXISTS': { any_of: ['EXISTS_ENTITY', 'VIEW_ENTITY_PAGE', 'GET_ENTITY_PRIVILEGE', 'EDIT_ENTITY', 'DELETE_ENTITY'] },
  'ENTITY MANAGE': { all_of: ['EDIT_ENTITY', 'DELETE_ENTITY'] },
  'LINEAGE UPDATE': { any_of: ['EDIT_ENTITY', 'EDIT_LINEAGE'] },
};

/** One subject for each set of privileges that tells the operations apart. */
const HOLDINGS: readonly (readonly string[])[] = [
  [],
  ['CREATE_ENTITY'],
  ['EDIT_ENTITY'],
  ['DELETE_ENTITY'],
  ['VIEW_ENTITY_PAGE'],
  ['GET_ENTITY_PRIVILEGE'],
  ['EXISTS_ENTITY'],
  ['EXECUTE_ENTITY'],
  ['EDIT_LINEAGE'],
  ['EDIT_ENTITY', 'DELETE_ENTITY'],
  ['CREATE_ENTITY', 'DELETE_ENTITY'],
];

let token = '';
const check = (question: object): Promise<Answer> => call('POST', '/check', question, { token });
const subjectOf = (i: number): string => `user:holder-${i}`;

beforeAll(async () => {
  await makeOrganization('composite', { preset: 'datahub' });
  const { body: whole } = await call('GET', '/admin/orgs/composite/manifest');
  // What every user has by the preset would blur what these have.
  await putManifest('composite', {
    ...whole,
    roles: [...(whole.roles ?? []), ...HOLDINGS.map((privileges, i) => ({ name: `Holding ${i}`, privileges }))],
    assignments: HOLDINGS.map((_, i) => ({ subject: subjectOf(i), role: `Holding ${i}`, scope: 'org' })),
  });
  ({ token } = await makeKey('composite'));
});

describe('F58 composite checks', () => {
  it.each(Object.entries(OPERATIONS))('F58 %s of the DataHub API decides as its table says, for every holding', async (_name, needs) => {
    for (const [i, holding] of HOLDINGS.entries()) {
      const has = (privilege: string): boolean => holding.includes(privilege);
      const expected = 'any_of' in needs ? needs.any_of.some(has) : needs.all_of.every(has);
      const { status, body } = await check({ subject: subjectOf(i), ...needs, resource: 'dataset:any' });
      expect([status, holding, body.decision]).toEqual([200, holding, expected]);
      const names = 'any_of' in needs ? needs.any_of : needs.all_of;
      expect(body.actions.map(({ action, decision }: { action: string; decision: boolean }) => [action, decision])).toEqual(
        names.map((name) => [name, has(name)]),
      );
    }
  });

  it('F58 an empty list is a denial', async () => {
    for (const needs of [{ any_of: [] }, { all_of: [] }]) {
      const { status, body } = await check({ subject: subjectOf(9), ...needs });
      expect([status, body]).toEqual([200, { decision: false, reason: 'no_grant', actions: [], revision: expect.any(Number) }]);
    }
  });
});

describe('F63 batches', () => {
  it('F63 a batch of N equals N single checks, composite ones too, against one revision', async () => {
    const names = ['CREATE_ENTITY', 'EDIT_ENTITY', 'DELETE_ENTITY', 'VIEW_ENTITY_PAGE', 'NOT_A_PRIVILEGE'];
    const checks: object[] = HOLDINGS.flatMap((_, i) => [
      ...names.map((action) => ({ subject: subjectOf(i), action, resource: 'dataset:any' })),
      { subject: subjectOf(i), any_of: names, resource: 'dataset:any' },
      { subject: subjectOf(i), all_of: names.slice(1, 3) },
      { subject: subjectOf(i), all_of: [] },
    ]);
    const { body: batch } = await call('POST', '/check/batch', { checks }, { token });
    expect(batch.results).toHaveLength(checks.length);
    for (const [i, question] of checks.entries()) {
      const { revision, ...single } = (await check(question)).body;
      expect([i, revision, single]).toEqual([i, batch.revision, batch.results[i]]);
    }
  });
});

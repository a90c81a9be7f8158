/** The same grants said by three systems are the same row of the bitmap; and no foreign document breaks an importer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitgateError } from '../../../../src/core/terms/problem.ts';
import { IMPORT_FORMATS } from '../../../../src/pap/manifest/import/import.ts';
import { resolve } from '../../../../src/pap/manifest/resolve/resolve.ts';
import type { TableRows } from '../../../../src/pap/ports.ts';
import { organizationRows } from '../../../presets/preset-world.ts';
import { snapshotOf } from '../../../support/memory-snapshot.ts';
import { countingIds } from '../support.ts';
import { imported, presentRows } from './support.ts';

/** One catalog for all three, each entry at both levels. */
const PRIVILEGES = ['thing:view', 'thing:edit', 'thing:delete', 'other:view'];
const GRANTED = ['thing:view', 'thing:edit'];

function bare(): TableRows {
  const document = { bitgate: 1, catalog: { privileges: PRIVILEGES.map((name) => ({ name })) } };
  return resolve(document, { present: presentRows({ format: 'datahub' }), newId: countingIds() });
}

/** Everything of the compiled role but what it is called and made of. */
async function rowOf(tables: TableRows): Promise<string> {
  const { snapshot } = await snapshotOf(organizationRows(tables));
  const role = snapshot.catalog.model().roles.find(({ name }) => name === 'Worker');
  if (role === undefined) throw new Error('no such role');
  const { allow, deny, special, all, reachesRestricted } = role;
  const bits = new Uint8Array(Math.ceil((Math.max(...allow) + 1) / 8));
  for (const bit of allow) bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7));
  return JSON.stringify({ bits: [...bits], deny, special, all, reachesRestricted });
}

describe('the same grants', () => {
  it('F4 F5 as a DataHub policy for a role, a flat role of Diffgram and a role of policies of Confident AI are one row', async () => {
    const actors = { users: [], groups: [], roles: ['urn:li:dataHubRole:Worker'] };
    const byDataHub = [
      { info: { displayName: 'Work', type: 'METADATA', state: 'ACTIVE', privileges: GRANTED, actors }, urn: 'urn:li:dataHubPolicy:w' },
    ];
    const byDiffgram = { roles: [{ id: 1, name: 'Worker', permissions_list: GRANTED.toReversed() }] };
    const byConfident = {
      policies: GRANTED.map((name) => ({ id: name, name: `May ${name}`, permissions: [{ name }] })),
      roles: [{ name: 'Worker', policyIds: GRANTED }],
    };
    const rows = await Promise.all([
      rowOf(imported(byDataHub, { format: 'datahub' }, bare()).tables),
      rowOf(imported(byDiffgram, { format: 'diffgram' }, bare()).tables),
      rowOf(imported(byConfident, { format: 'confident-ai' }, bare()).tables),
    ]);
    expect(new Set(rows).size).toBe(1);
    expect(rows[0]).not.toContain('"bits":[0]');
  });
});

describe('whatever is sent', () => {
  const words = fc.constantFrom(
    'urn:li:corpuser:a',
    'urn:li:corpGroup:g',
    'TYPE',
    'URN',
    'TAG',
    'EQUALS',
    'dataset',
    '',
    'x',
    '\u0000',
    '\ud800',
    'bitgate:read',
  );
  const leaf = fc.oneof(words, fc.boolean(), fc.integer(), fc.constant(null));
  const keys = fc.constantFrom(
    ...[
      'policies',
      'roles',
      'members',
      'projects',
      'users',
      'role_member_object',
      'datasets',
      'files',
      'info',
      'urn',
      'actors',
      'resources',
    ],
    ...['filter', 'criteria', 'field', 'values', 'condition', 'privileges', 'permissions', 'permissions_list', 'id', 'name', 'projectId'],
    ...['object_type', 'object_id', 'member_id', 'role_id', 'privilegeConstraints', 'actor', 'groups', 'allGroups', 'displayName', 'state'],
  );
  const anything = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 5 }, leaf, fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(keys, tie('value'), { maxKeys: 5 })),
  })).value;

  it.each(IMPORT_FORMATS)('is an organization or a refusal, never a failure: %s', (format) => {
    const present = presentRows({ format, preset: format });
    fc.assert(
      fc.property(anything, fc.boolean(), (value, strict) => {
        try {
          imported(value, { format, strict }, present);
        } catch (error) {
          if (!(error instanceof BitgateError)) throw error;
          expect([400, 409, 422]).toContain(error.status);
        }
      }),
      { numRuns: 300, seed: 20_261 },
    );
  });
});

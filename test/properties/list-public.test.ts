/** SEC-05: what everybody holds and what somebody holds directly are two things, in every mixture of conditions, scopes and denies. */
import { expect, it } from 'vitest';
import type { AssignmentRow, OrganizationRows } from '../../src/core/terms/rows.ts';
import { listPage } from '../../src/pdp/list/list.ts';
import { LIST_START } from '../../src/pdp/list/question.ts';
import { type Reach, reachOf } from '../../src/pdp/list/reach.ts';
import { MemoryReader } from '../support/memory-reader.ts';
import { memorySession } from '../support/memory-session.ts';
import { MemoryPieces, memoryCompiler } from '../support/memory-snapshot.ts';
import { emptyRows } from './world.ts';

const NOW = 0;
const CONDITIONS = { always: null, here: 'context.here == true', away: 'context.here == false', staff: 'subject.properties.staff == true' };
type Condition = keyof typeof CONDITIONS;
const WHEN: readonly Condition[] = ['always', 'here', 'away', 'staff'];
/** by what a grant on it reaches `doc:d` */
const SCOPES = { 'doc:d': true, 'folder:f': true, org: true, 'doc:other': false };
const WILDCARDS = [null, 'group:anyone', 'group:everyone'] as const;
const DENIED = [null, 'user:direct', 'group:anyone', 'group:everyone'] as const;
const SUBJECTS = [
  { key: 'user:direct', staff: false },
  { key: 'user:plain', staff: false },
  { key: 'user:staff', staff: true },
];

interface Grant {
  readonly principal: string;
  readonly effect: 'allow' | 'deny';
  readonly when: Condition;
  readonly scope: string;
}

function rowsOf(grants: readonly Grant[]): OrganizationRows {
  const rows = emptyRows();
  const texts = { title: '', description: '', implies: '[]', implies_all: '' as const, applies_to: '[]' };
  rows.privileges.push({ name: 'look', levels: 'both', resource_types: '[]', ...texts });
  rows.resources.push(
    { resource: 'doc:d', access: 'inherit', properties: '{}' },
    { resource: 'folder:f', access: 'inherit', properties: '{}' },
  );
  rows.resource_parents.push({ resource: 'doc:d', parent: 'folder:f' });
  for (const { key, staff } of SUBJECTS) rows.subjects.push({ subject: key, status: 'active', properties: JSON.stringify({ staff }) });
  grants.forEach(({ principal, effect, when, scope }, i) => {
    const id = `pol_${i}`;
    const more = { project: '', description: '', state: 'ACTIVE', resource_types: '[]', system: 0 } as const;
    rows.policies.push({ id, name: id, effect, privileges: '["look"]', condition: CONDITIONS[when], ...more });
    const row: AssignmentRow = { id: `asg_${i}`, principal, role: null, policy: id, scope, not_before: null, expires_at: null };
    rows.assignments.push(row);
  });
  return rows;
}

/** Does it hold for somebody, `here` being true? Undefined: it depends on who it is. */
function holds({ when, scope }: Grant, staff: boolean | undefined): boolean | undefined {
  if (!SCOPES[scope as keyof typeof SCOPES]) return false; // one of its keys
  return when === 'staff' ? staff : when !== 'away';
}

/** For somebody who is in the wildcard groups, and directly named or not. */
function allowed(grants: readonly Grant[], key: string | null, registered: boolean, staff: boolean | undefined): Reach {
  const of = (effect: Grant['effect']): (boolean | undefined)[] =>
    grants
      .filter(({ principal }) => principal === key || principal === 'group:anyone' || (registered && principal === 'group:everyone'))
      .filter((grant) => grant.effect === effect)
      .map((grant) => holds(grant, staff));
  const [allows, denies] = [of('allow'), of('deny')];
  if (denies.includes(true) || !(allows.includes(true) || allows.includes(undefined))) return 'no';
  return allows.includes(true) && !denies.includes(undefined) ? 'yes' : 'conditional';
}

function* mixtures(): Generator<Grant[]> {
  for (const wildcard of WILDCARDS)
    for (const wildcardWhen of wildcard === null ? WHEN.slice(0, 1) : WHEN)
      for (const scope of Object.keys(SCOPES))
        for (const directWhen of [null, ...WHEN])
          for (const denied of DENIED)
            for (const deniedWhen of denied === null ? WHEN.slice(0, 1) : WHEN) {
              const grants: Grant[] = [];
              if (wildcard !== null) grants.push({ principal: wildcard, effect: 'allow', when: wildcardWhen, scope });
              if (directWhen !== null) grants.push({ principal: 'user:direct', effect: 'allow', when: directWhen, scope: 'folder:f' });
              if (denied !== null) grants.push({ principal: denied, effect: 'deny', when: deniedWhen, scope: 'doc:d' });
              yield grants;
            }
}

it('SEC-05 what is public and what is held directly are told apart, under every condition, at every scope, with every deny', async () => {
  const question = { of: 'subjects', action: { name: 'look' }, resource: { type: 'doc', id: 'd' }, context: { here: true } } as const;
  let count = 0;
  for (const grants of mixtures()) {
    const pieces = new MemoryPieces();
    const compiled = (await memoryCompiler(new MemoryReader(rowsOf(grants)), pieces).compile(null, true))!;
    expect(compiled.problems).toEqual([]);
    const session = await memorySession(pieces, compiled.manifest, compiled.revision);
    const { items, total } = await listPage(session, question, LIST_START, 10, NOW);
    const members = SUBJECTS.filter(({ key, staff }) => allowed(grants, key, true, staff) === 'yes').map(({ key }) => key);
    const told = [items, total, await reachOf(session, question, true, NOW), await reachOf(session, question, false, NOW)];
    const expected = [members, members.length, allowed(grants, null, true, undefined), allowed(grants, null, false, undefined)];
    expect(told, JSON.stringify(grants)).toEqual(expected);
    count++;
  }
  expect(count).toBe(9 * 4 * 5 * 13);
}, 60_000);

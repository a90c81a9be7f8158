/**
 * The access diff against two proofs that know nothing of where it looks: comparing every principal, privilege and scope there is, and asking every
 * question before and after: whatever is answered otherwise must be listed, for the subject or for a group of it, there or above.
 */
import { describe, expect, it } from 'vitest';
import { Manifest } from '../../../src/core/snapshot/manifest.ts';
import type { Decision } from '../../../src/core/terms/decision.ts';
import type { AssignmentRow, OrganizationRows } from '../../../src/core/terms/rows.ts';
import { type AccessChange, type AccessDiff, accessDiff } from '../../../src/pap/preview/access.ts';
import { CandidateFinder } from '../../../src/pap/preview/candidates.ts';
import { changeOf } from '../../../src/pap/preview/change-of.ts';
import { changedResources } from '../../../src/pap/preview/changed-resources.ts';
import { type Change, Explained } from '../../../src/pap/preview/explain.ts';
import { closedScopes, groupPairs, principalPairs } from '../../../src/pap/preview/pairs.ts';
import { catalogOf, PieceDecisionPoint } from '../../../src/pap/preview/preview-point.ts';
import { AccessSide, type Holder } from '../../../src/pap/preview/side.ts';
import { askerOf } from '../../../src/pap/preview/standing.ts';
import { mutateWorld } from '../../properties/mutate.ts';
import { randomFrom } from '../../properties/random.ts';
import { emptyRows, entityOf, randomWorld, requestOf, type World } from '../../properties/world.ts';
import { MemoryReader } from '../../support/memory-reader.ts';
import { MemoryPieces, memoryCompiler } from '../../support/memory-snapshot.ts';
import { policy, privilege, role } from '../compile/rows.ts';

const WORLDS = Number(process.env.BITGATE_DIFF_WORLDS ?? 40);
const SEED = Number(process.env.BITGATE_SEED ?? 4_711);
const FAR = 253_370_764_800_000;

async function pointOf(rows: OrganizationRows, leafWeight: number): Promise<PieceDecisionPoint> {
  const pieces = new MemoryPieces();
  const compiled = await memoryCompiler(new MemoryReader(rows), pieces, leafWeight).compile(null, true);
  const manifest = new Manifest(await pieces.load(compiled!.manifest));
  return new PieceDecisionPoint(manifest, await catalogOf(manifest, pieces, undefined), pieces, undefined);
}

interface Case {
  readonly before: PieceDecisionPoint;
  readonly after: PieceDecisionPoint;
  readonly was: World;
  readonly is: World;
  readonly diff: AccessDiff;
  readonly done: string;
}

async function randomCase(seed: number): Promise<Case> {
  const random = randomFrom(seed);
  const was = randomWorld(random);
  const { world: is, done } = mutateWorld(random, was, random.pick([1, 1, 1, 2, 4]));
  const weight = random.pick([90, 400, 100_000]);
  const [before, after] = [await pointOf(was.rows, weight), await pointOf(is.rows, weight)];
  return { before, after, was, is, diff: await accessDiff(before, after, was.now), done: `seed ${seed}: ${done.join(', ')}` };
}

const lineOf = ({ change, principal, privilege, scope, conditional }: AccessChange): string =>
  JSON.stringify([principal, scope, privilege, change, conditional]);

const isGroup = (principal: string): boolean => /^group:(?!everyone$|anyone$|owner$|owner:)/.test(principal);
const groupName = (rows: OrganizationRows, id: string): string | undefined => rows.groups.find((row) => row.id === id)?.name;

/** Compares everything, everywhere. */
async function byForce({ before, after, was, is }: Case): Promise<string[]> {
  const sides = [await AccessSide.open(before), await AccessSide.open(after)] as const;
  for (const side of sides) await side.scanResources();
  const resources = await changedResources(...sides);
  const { structure, properties } = resources;
  const closed = await closedScopes(...sides);
  const finder = new CandidateFinder(sides, resources, closed);
  const everywhere = [...closed, ...structure, ...properties, ...sides.flatMap(({ junctions }) => junctions)];
  const names = new Set([...was.rows.privileges, ...is.rows.privileges].map(({ name }) => name));
  const explained = new Explained({ lost: sides[0], gained: sides[1] });
  const changesOf = async (old: Holder, now: Holder): Promise<Change[]> => {
    const changes: Change[] = [];
    const scopes = new Set(['org', ...[...old.contributions, ...now.contributions].map(({ scope }) => scope), ...everywhere]);
    for (const scope of scopes) {
      for (const privilege of names) {
        const unsure = old.properties !== now.properties ? 'everywhere' : properties.has(scope) ? 'here' : 'nowhere';
        const changed = await changeOf(sides, askerOf(old.principal), privilege, scope, { from: was.now, until: FAR }, unsure);
        for (const change of ['gained', 'lost'] as const) {
          const extent = changed?.[change] ?? [];
          if (extent.some((each) => each > 0)) changes.push({ change, principal: old.principal, privilege, scope, extent });
        }
      }
    }
    return changes;
  };
  const lines: string[] = [];
  const list = async (old: Holder, now: Holder, changes: readonly Change[]): Promise<void> => {
    for (const { change, principal, privilege, scope, extent } of await explained.rest(
      changes,
      { lost: old, gained: now },
      finder.strict(old, now),
    )) {
      const id = principal.slice('group:'.length);
      const named = isGroup(principal) ? `group:${groupName(is.rows, id) ?? groupName(was.rows, id)}` : principal;
      lines.push(lineOf({ change, principal: named, privilege, scope, conditional: !extent.slice(0, 3).includes(2) }));
    }
  };
  const groups = await Promise.all([...groupPairs(...sides)].map(async ([old, now]) => ({ old, now, changes: await changesOf(old, now) })));
  for (const { old, now, changes } of groups) explained.keep(changes, finder.strict(old, now));
  for (const { old, now, changes } of groups) await list(old, now, changes);
  for await (const [old, now] of principalPairs(...sides, true)) await list(old, now, await changesOf(old, now));
  return lines.sort();
}

/** All groups that a subject is in, by name, and whether it is registered: from the rows alone. */
function principalsOf(rows: OrganizationRows, subject: string, resource: string | undefined): Set<string> {
  const ids = new Set(rows.memberships.filter((row) => row.member === subject).map((row) => row.group_id));
  for (let size = -1; size !== ids.size; ) {
    size = ids.size;
    for (const row of rows.group_nesting) if (ids.has(row.member.slice('group:'.length))) ids.add(row.group_id);
  }
  const principals = new Set([subject, 'group:anyone', ...[...ids].map((id) => `group:${groupName(rows, id)}`)]);
  if (rows.subjects.some((row) => row.subject === subject)) principals.add('group:everyone');
  for (const row of rows.resource_owners) {
    if (row.resource !== resource || (row.owner !== subject && !ids.has(row.owner.slice('group:'.length)))) continue;
    principals.add('group:owner');
    if (row.kind !== '') principals.add(`group:owner:${row.kind}`);
  }
  return principals;
}

function scopesOf(rows: OrganizationRows, resource: string | undefined): Set<string> {
  const scopes = new Set(resource === undefined ? [] : [resource]);
  for (const scope of scopes) for (const row of rows.resource_parents) if (row.resource === scope) scopes.add(row.parent);
  return scopes.add('org');
}

describe('the access diff', () => {
  it(`is what comparing everything gives, for ${WORLDS} random changes`, async () => {
    let items = 0;
    let conditional = 0;
    for (let n = 0; n < WORLDS; n++) {
      const changed = await randomCase(SEED + n);
      expect(changed.diff.items.map(lineOf).sort(), changed.done).toEqual(await byForce(changed));
      expect(changed.diff.gained + changed.diff.lost).toBe(changed.diff.items.length);
      items += changed.diff.items.length;
      conditional += changed.diff.items.filter((item) => item.conditional).length;
    }
    expect(items).toBeGreaterThan(WORLDS);
    expect(conditional).toBeGreaterThan(0);
  });

  it(`explains every decision that is another one after ${WORLDS * 4} random changes`, async () => {
    let decisions = 0;
    let others = 0;
    for (let n = 0; n < WORLDS * 4; n++) {
      const { before, after, was, is, diff, done } = await randomCase(SEED + 10_000 + n);
      const names = [...new Set([...was.rows.privileges, ...is.rows.privileges].map(({ name }) => name))];
      const subjects = [...new Set([...was.rows.subjects, ...is.rows.subjects].map(({ subject }) => subject))];
      const resources = new Set([...was.rows.resources, ...is.rows.resources].map(({ resource }) => resource));
      for (const { scope } of [...was.rows.assignments, ...is.rows.assignments]) if (scope !== 'org') resources.add(scope);
      const listed = new Set(
        diff.items.map(({ change, principal, privilege, scope }) => JSON.stringify([change, principal, privilege, scope])),
      );
      for (const subject of subjects) {
        for (const resource of [undefined, ...resources]) {
          for (const name of names) {
            if (resource !== undefined && names.includes(`${resource.slice(0, resource.indexOf(':'))}:${name}`)) continue;
            const request = requestOf(was, entityOf(subject), name, resource === undefined ? undefined : entityOf(resource));
            const old: Decision = await before.decide(request, was.now);
            const now: Decision = await after.decide(request, was.now);
            decisions++;
            if (old.decision === now.decision) continue;
            others++;
            const change = now.decision ? 'gained' : 'lost';
            const rows = now.decision ? is.rows : was.rows;
            const explains = [...principalsOf(rows, subject, resource)].some((principal) =>
              [...scopesOf(rows, resource)].some((scope) => listed.has(JSON.stringify([change, principal, name, scope]))),
            );
            if (!explains) throw new Error(`${done}: ${subject} ${change} ${name} at ${resource}: ${old.reason}, then ${now.reason}`);
          }
        }
      }
    }
    expect(decisions).toBeGreaterThan(WORLDS * 1_000);
    expect(others).toBeGreaterThan(WORLDS * 10);
  });
});

describe('the list', () => {
  const base = (): OrganizationRows => ({
    ...emptyRows(),
    privileges: [privilege('read'), privilege('write')],
    policies: [
      policy('pol_sometimes', { privileges: '["read"]', condition: 'context.x == 1' }),
      policy('pol_no', { privileges: '["read"]', effect: 'deny' }),
    ],
    roles: [role('rol_reader', { privileges: '["read"]' }), role('rol_writer', { privileges: '["write"]' })],
    groups: [{ id: 'grp_team', name: 'team', description: '' }],
    memberships: [{ group_id: 'grp_team', member: 'user:ann' }],
    subjects: ['user:ann', 'user:bob'].map((subject) => ({ subject, status: 'active', properties: '{}' })),
    resources: ['project:p', 'project:q'].map((resource) => ({ resource, access: 'inherit', properties: '{}' })),
  });
  type Given = Partial<AssignmentRow> & Pick<AssignmentRow, 'principal'>;
  const given = (...rows: readonly Given[]): OrganizationRows => ({
    ...base(),
    assignments: rows.map((row, i) => ({
      id: `asg_${i}`,
      role: null,
      policy: null,
      scope: 'org',
      not_before: null,
      expires_at: null,
      ...row,
    })),
  });
  const diffOf = async (was: OrganizationRows, is: OrganizationRows): Promise<string[]> => {
    const { items } = await accessDiff(await pointOf(was, 1_000), await pointOf(is, 1_000), 1_000);
    return items.map(
      (each) => `${each.principal} ${each.change} ${each.privilege} at ${each.scope}${each.conditional ? ' sometimes' : ''}`,
    );
  };
  const ann = 'user:ann';
  const reader = { principal: ann, role: 'rol_reader' };

  it('says what is certain below beside what is conditional above, and not again what is certain above', async () => {
    const sometimes = { principal: ann, policy: 'pol_sometimes' };
    const inProject = { ...reader, scope: 'project:p' };
    expect(await diffOf(given(), given(sometimes, inProject))).toEqual([
      'user:ann gained read at org sometimes',
      'user:ann gained read at project:p',
    ]);
    expect(await diffOf(given(), given(reader, inProject))).toEqual(['user:ann gained read at org']);
  });

  it('names a group for what its members get, and a member for what a deny of the group takes', async () => {
    expect(await diffOf(given(), given({ principal: 'group:grp_team', role: 'rol_reader' }))).toEqual(['group:team gained read at org']);
    const denied = given({ ...reader, scope: 'project:p' }, { principal: 'group:grp_team', policy: 'pol_no' });
    expect(await diffOf(given({ ...reader, scope: 'project:p' }), denied)).toEqual(['user:ann lost read at project:p']);
  });

  it('takes a window for a condition: a longer one is gained, a shorter one lost, one that is over nothing', async () => {
    const until = (expires_at: number): OrganizationRows => given({ ...reader, expires_at });
    expect(await diffOf(given(), until(2_000))).toEqual(['user:ann gained read at org sometimes']);
    expect(await diffOf(until(2_000), until(3_000))).toEqual(['user:ann gained read at org sometimes']);
    expect(await diffOf(until(3_000), until(2_000))).toEqual(['user:ann lost read at org sometimes']);
    expect(await diffOf(given(), until(1_000))).toEqual([]);
  });

  it('says nothing of what is only held another way', async () => {
    expect(await diffOf(given(reader), given({ principal: ann, role: 'rol_reader' }, { ...reader, scope: 'project:q' }))).toEqual([]);
    const elsewhere = base().subjects.map((row) => ({ ...row, properties: '{"team":"red"}' }));
    expect(await diffOf(given(reader), { ...given(reader), subjects: elsewhere })).toEqual([]);
  });

  it('counts what it does not list', async () => {
    const many = given(reader, { principal: 'user:bob', role: 'rol_reader' }, { principal: ann, role: 'rol_writer' });
    const diff = await accessDiff(await pointOf(given(), 1_000), await pointOf(many, 1_000), 1_000, 2);
    expect(diff).toMatchObject({ gained: 3, lost: 0 });
    expect(diff.items).toHaveLength(2);
  });
});

/**
 * No escalation, by brute force: random writers make random changes to random worlds. Whatever is let through gives nobody an allow that the writer
 * did not hold there before, or at a scope above it. Some writers hold a part of it by their token alone.
 */
import { describe, expect, it } from 'vitest';
import { BitgateError } from '../../src/core/terms/problem.ts';
import { ORG_SCOPE } from '../../src/core/terms/ref.ts';
import type { CheckOptions, CheckRequest, Entity, OpenQuestion } from '../../src/core/terms/request.ts';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import type { ControlTools, Proven } from '../../src/pap/control-ports.ts';
import { planChanges } from '../../src/pap/manifest/plan.ts';
import type { RowChanges, TableRows } from '../../src/pap/ports.ts';
import { refuseEscalation } from '../../src/pap/rights/escalation.ts';
import { refuseOwnRights } from '../../src/pap/rights/own-rights.ts';
import { changeOf } from '../../src/pap/write/complete.ts';
import type { Moment } from '../../src/pap/write/moment.ts';
import { askerFor } from '../oracle/oracle.ts';
import { memoryRights } from '../support/memory-rights.ts';
import { ask, snapshotOf } from '../support/memory-snapshot.ts';
import { mutateWorld } from './mutate.ts';
import { type Random, randomFrom } from './random.ts';
import { entityOf, randomWorld, type World } from './world.ts';
import { randomTokenRoles } from './world-assignments.ts';

const SEED = Number(process.env.BITGATE_SEED ?? 20_261_121);
const WORLDS = Number(process.env.BITGATE_WORLDS ?? 60);
/** one writer in so many comes with a token that gives it something */
const PROVEN = 0.5;
const CHANGES_PER_WORLD = 12;

function tablesOf({ group_nesting, memberships, ...rows }: OrganizationRows): TableRows {
  return { ...rows, group_members: [...group_nesting, ...memberships], projects: [] };
}

async function momentOf(rows: OrganizationRows, subject: Entity, now: number, proven: Proven | undefined): Promise<Moment> {
  const { snapshot, pieces } = await snapshotOf(rows);
  const decide = (request: CheckRequest, at: number, options?: CheckOptions) => ask(snapshot, pieces, request, at, options);
  return { writer: { actor: 'it', subject, requestId: 'r', proven }, now, revision: 1, point: { revision: 1, snapshot, decide } };
}

/** Times at which grants of the writer begin or end. */
function boundariesIn(rows: OrganizationRows): ControlTools['lookup']['boundaries'] {
  return async (_principals, from, until, limit) => {
    const times = rows.assignments.flatMap(({ not_before, expires_at }) => [not_before, expires_at]).filter((at) => at !== null);
    return [...new Set(times)]
      .filter((at) => at > from && at <= until)
      .toSorted((a, b) => a - b)
      .slice(0, limit);
  };
}

async function isLetThrough(before: OrganizationRows, after: OrganizationRows, changes: RowChanges, moment: Moment): Promise<boolean> {
  // Only what the guard reads; anything else would fail loudly.
  const tools = { rights: memoryRights(before), lookup: { boundaries: boundariesIn(before) } } as unknown as ControlTools;
  const { snapshot } = await snapshotOf(after);
  try {
    refuseOwnRights(moment, changes, undefined);
    await refuseEscalation(tools, moment, changes, () => snapshot.catalog.model());
    return true;
  } catch (error) {
    if (error instanceof BitgateError && error.status === 403) return false;
    throw error;
  }
}

function withAncestors(rows: OrganizationRows, resource: string): string[] {
  const seen = new Set([resource]);
  for (const key of seen) for (const each of rows.resource_parents) if (each.resource === key) seen.add(each.parent);
  return [...seen];
}

interface Gain {
  readonly subject: string;
  readonly action: string;
  readonly resource: string;
}

/** Allows that weren't there before, of whom the writer didn't hold it, neither there nor anywhere above. */
function escalations(world: World, after: OrganizationRows, changes: RowChanges, moment: Moment): Gain[] {
  const [old, young] = [askerFor(world.rows, world.now), askerFor(after, world.now)];
  const { writer } = moment;
  const own = askerFor(world.rows, world.now, { ...writer.proven });
  // Whoever registers a resource says where it lies; nothing was known of it before.
  const registered = new Set(changeOf(changes, 'resources').insert.map(({ resource }) => resource));
  const gains: Gain[] = [];
  // What is registered no more is asked about too, and so is who is.
  const resources = new Set([undefined, ...[...world.rows.resources, ...after.resources].map(({ resource }) => resource)]);
  const subjects = new Set([...world.rows.subjects, ...after.subjects].map(({ subject }) => subject));
  for (const resource of resources) {
    const entity = resource === undefined ? undefined : entityOf(resource);
    const above = resource === undefined ? [] : [...withAncestors(world.rows, resource), ...withAncestors(after, resource)];
    if (above.some((each) => registered.has(each))) continue;
    for (const action of world.actions) {
      const gained = [...subjects].filter(
        (subject) =>
          !old.about(entityOf(subject), entity).decide({ name: action }, world.context).decision &&
          young.about(entityOf(subject), entity).decide({ name: action }, world.context).decision,
      );
      if (gained.length === 0 || holdsSomewhere(moment, writer.subject!, action, above)) continue;
      // As everybody has it, under the same condition.
      if (own.about(writer.subject!, entity).decide({ name: action }, world.context).decision) continue;
      for (const subject of gained) gains.push({ subject, action, resource: resource ?? 'org' });
    }
  }
  return gains;
}

/** At the organization, or at one of the scopes or anything below it, whatever is asked. */
function holdsSomewhere({ point, now, writer: { proven } }: Moment, subject: Entity, action: string, scopes: readonly string[]): boolean {
  for (const scope of [undefined, ...scopes]) {
    const resource = scope === undefined ? undefined : entityOf(scope);
    const types = [undefined, ...new Set(scopes.map((each) => entityOf(each).type))];
    for (const name of [action, ...types.map((type) => `${type}:${action}`)]) {
      for (const below of [
        undefined,
        { project: false, restricted: false },
        { project: true, restricted: false },
        { project: true, restricted: true },
        { project: false, restricted: true },
      ]) {
        const open: OpenQuestion = { counting: 'least', until: now, below };
        const answer = point!.decide({ subject, action: { name }, resource }, now, { ...proven, open });
        if (!(answer instanceof Promise) && answer.decision) return true;
      }
    }
  }
  return false;
}

/** What claim mappings could give: roles and groups that there are. */
function provenIn(random: Random, rows: OrganizationRows): Proven {
  const everywhere = random.sample(
    rows.roles.filter(({ project }) => project === ''),
    4,
  );
  const roles = [...randomTokenRoles(random, rows), ...everywhere.map(({ id }) => ({ role: id, scope: ORG_SCOPE }))];
  return { roles, groups: random.sample(rows.groups, 2).map(({ id }) => id) };
}

describe('SEC-46 no escalation', () => {
  it(`holds for ${WORLDS * CHANGES_PER_WORLD} random changes (seed ${SEED})`, async () => {
    const tally = { through: 0, byToken: 0, refused: 0 };
    for (let n = 0; n < WORLDS; n++) {
      const random = randomFrom(SEED + n);
      const world = randomWorld(random);
      const writers = world.rows.subjects.filter(({ status }) => status === 'active');
      for (let change = 0; change < CHANGES_PER_WORLD && writers.length > 0; change++) {
        const mutation = mutateWorld(random, world, 1);
        const writer = entityOf(random.pick(writers).subject);
        const { changes } = planChanges(tablesOf(world.rows), tablesOf(mutation.rows));
        const proven = random.chance(PROVEN) ? provenIn(random, world.rows) : undefined;
        const moment = await momentOf(world.rows, writer, world.now, proven);
        if (!(await isLetThrough(world.rows, mutation.rows, changes, moment))) {
          tally.refused++;
          continue;
        }
        tally.through++;
        const alone = proven === undefined ? null : await momentOf(world.rows, writer, world.now, undefined);
        if (alone !== null && !(await isLetThrough(world.rows, mutation.rows, changes, alone))) tally.byToken++;
        const where = `world ${SEED + n}, change ${change} (${mutation.done.join(', ')}) by ${writer.type}:${writer.id}`;
        expect(escalations(world, mutation.rows, changes, moment), where).toEqual([]);
      }
    }
    console.log(`${tally.through} changes let through, ${tally.byToken} of them thanks to a token, ${tally.refused} refused`);
    // Neither everything nor nothing: both would prove little.
    expect(Math.min(tally.through, tally.refused)).toBeGreaterThan(WORLDS);
    expect(tally.byToken).toBeGreaterThan(WORLDS / 10);
  }, 600_000);
});

/**
 * One chunk is written: decided at one revision, guarded as every write, committed with the import's row at that revision, or not at all.
 *
 * Whoever isn't root is decided about at the newest revision, so that is published before each chunk. Root is the operator, about whom nothing is
 * decided: for it a revision is published first only when the chunk could take somebody's rights, or make the catalog one that can't be compiled.
 */
import { BitgateError } from '../../core/terms/problem.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { ControlTools } from '../control-ports.ts';
import { gateOf } from '../gate/gate.ts';
import type { RowChanges } from '../ports.ts';
import { tryChanges } from '../preview/preview.ts';
import { changeOf, completeChanges, isUntouched } from '../write/complete.ts';
import { guardWrite } from '../write/guard.ts';
import { type Moment, openMoment, requireRight, revisionMoved, type Writer } from '../write/moment.ts';
import type { Chunk } from './chunks.ts';
import type { Kind } from './items.ts';
import { KnownNames } from './names.ts';
import { type ChunkPlan, planChunk } from './plan-chunk.ts';
import type { ImportStep } from './ports.ts';

export const IMPORT_ACTION = 'import';

const MANAGES: { readonly [K in Kind]: string } = {
  privilege: 'policies',
  policy: 'policies',
  role: 'policies',
  group: 'members',
  membership: 'members',
  subject: 'members',
  assignment: 'members',
  project: 'resources',
  resource: 'resources',
  route: 'settings',
  settings: 'settings',
};

export interface Applied {
  readonly plan: ChunkPlan;
  /** that shows it */
  readonly revision: number;
}

/**
 * @param names of the revision that the import itself made last, or null
 * @param stepOf the import's row once the plan is written
 * @throws BitgateError what every write throws; `revision_moved` (409) when somebody else wrote in between; ChunkFaults
 */
export async function applyChunk(
  tools: ControlTools,
  writer: Writer,
  chunk: Chunk,
  names: KnownNames | null,
  stepOf: (plan: ChunkPlan) => ImportStep,
): Promise<Applied & { readonly names: KnownNames | null }> {
  const asked = writer.subject === null ? null : await openMoment(tools, writer);
  if (asked !== null) await requireRights(asked, chunk);
  const known = names ?? new KnownNames(await tools.imports.names());
  if (asked !== null && known.revision !== asked.revision) throw revisionMoved();
  const plan = await planChunk(tools, chunk, known);
  const step = stepOf(plan);
  if (plan.changes === null) {
    await tools.imports.step(step);
    return { plan, revision: known.revision, names: known };
  }
  const changes = await completeChanges(tools.companions, plan.changes);
  const moment = asked ?? (await rootMoment(tools, writer, known, changes));
  await guard(tools, moment, changes);
  const audit = {
    action: IMPORT_ACTION,
    target: `import:${step.row.id}`,
    before: null,
    after: JSON.stringify({ from_line: chunk.from, to_line: chunk.to, lines: plan.counts }),
    actor: writer.actor,
    requestId: writer.requestId,
  };
  const { revision } = await tools.writer.apply(known.revision, changes, audit, moment.now, { importStep: step });
  // What it wrote of the catalog has to be read again; all else is as it was.
  const same = CATALOG.every((table) => isUntouched(changes, table)) && !namesGroups(changes);
  if (same) known.revision = revision;
  return { plan, revision, names: same ? known : null };
}

async function requireRights(moment: Moment, { lines }: Chunk): Promise<void> {
  const needed = new Set(lines.map(({ item: { kind } }) => MANAGES[kind]));
  for (const each of needed) await requireRight(moment, `bitgate:manage_${each}`, ORG_SCOPE);
}

async function guard(tools: ControlTools, moment: Moment, changes: RowChanges): Promise<void> {
  const trial = tryChanges(tools, moment, changes);
  await guardWrite(tools, moment, changes, undefined, trial);
  const gate = await gateOf(tools, moment, { action: IMPORT_ACTION, changes }, trial);
  if (gate === null) return;
  const why = gate.reasons.map(({ message }) => message).join('; ');
  throw new BitgateError('import_gated', 409, `a second administrator would have to confirm this, and an import does not wait: ${why}`, {
    reasons: gate.reasons,
  });
}

/** All of it is in `Names`. */
const CATALOG = ['privileges', 'policies', 'roles', 'role_policies', 'role_inherits', 'groups', 'projects', 'routes', 'settings'] as const;

const GROUP_PREFIX = 'group:';
const PROJECT_PREFIX = 'project:';

function namesGroups(changes: RowChanges): boolean {
  return (
    changeOf(changes, 'group_members').insert.some(({ member }) => member.startsWith(GROUP_PREFIX)) ||
    [...changeOf(changes, 'resources').insert, ...changeOf(changes, 'resources').update.map(({ after }) => after)].some(({ resource }) =>
      resource.startsWith(PROJECT_PREFIX),
    )
  );
}

/** With a point where the guard has something to ask, else without. */
async function rootMoment(tools: ControlTools, writer: Writer, known: KnownNames, changes: RowChanges): Promise<Moment> {
  if (isHarmless(known, changes)) return { writer, now: tools.now(), revision: known.revision, point: null };
  const moment = await openMoment(tools, writer);
  if (moment.revision !== known.revision) throw revisionMoved();
  return moment;
}

/**
 * Nothing that the catalog is compiled from changes, and nobody loses anything by it: nobody is suspended, and what is assigned at the organization,
 * or held by whoever comes into a group, denies nothing.
 */
function isHarmless({ denying }: KnownNames, changes: RowChanges): boolean {
  const compiled = CATALOG.filter((table) => table !== 'projects');
  const assigned = changeOf(changes, 'assignments').insert;
  return (
    compiled.every((table) => isUntouched(changes, table)) &&
    !changeOf(changes, 'subjects').update.some(({ before, after }) => before.status !== after.status) &&
    !changeOf(changes, 'group_members').insert.some(({ member }) => denying.size > 0 || member.startsWith(GROUP_PREFIX)) &&
    !assigned.some(({ role, policy, scope }) => scope === ORG_SCOPE && denying.has(role ?? policy ?? ''))
  );
}

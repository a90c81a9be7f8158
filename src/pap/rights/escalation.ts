/**
 * No escalation: who grants or takes a role or policy at a scope must hold, there and always, every privilege that it bundles, or `bitgate:escalate`.
 * On the safe side wherever single decisions can't prove that: then `bitgate:escalate` is needed.
 */
import type { CatalogModel } from '../../core/snapshot/model.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { formatRef, ORG_SCOPE } from '../../core/terms/ref.ts';
import type { CheckRequest, Entity } from '../../core/terms/request.ts';
import type { Lookup } from '../control-ports.ts';
import { decides, type Moment, may } from '../write/moment.ts';
import { bundleOf, uncertainBits } from './target-privileges.ts';

const ESCALATE = 'bitgate:escalate';
/** ms since 1970: the year 9999. What is held then is held without end */
export const FAR = 253_370_764_800_000;
/** times at which the writer's own grants begin or end: more than these are not looked into */
const MAX_BOUNDARIES = 50;
/** type of a resource that isn't there, for privileges of any type */
const PROBE_TYPE = 'bitgate-probe';

export interface Grant {
  /** id of a role or policy, and how messages call it */
  readonly target: string;
  readonly name: string;
  readonly scope: string;
  readonly notBefore: number | null;
  readonly expiresAt: number | null;
}

/**
 * @param probe an id that no resource has
 * @throws BitgateError `escalation` (403), naming what the writer lacks
 */
export async function refuseEscalation(lookup: Lookup, moment: Moment, grant: Grant, probe: string): Promise<void> {
  if (moment.writer.subject === null || (await may(moment, ESCALATE, grant.scope))) return;
  const lacking = await lackingFor(lookup, moment, moment.writer.subject, grant, probe);
  if (lacking === null) return;
  throw new BitgateError(
    'escalation',
    403,
    `\`${moment.writer.actor}\` may not grant or take \`${grant.name}\` at \`${grant.scope}\`: ${lacking}`,
    {
      scope: grant.scope,
      needs: ESCALATE,
    },
  );
}

/** Null when the writer holds all of it. */
async function lackingFor(lookup: Lookup, moment: Moment, subject: Entity, grant: Grant, probe: string): Promise<string | null> {
  const model = moment.point?.snapshot.catalog.model();
  if (model === undefined) return 'its own rights are not known';
  const { bits, beyondPrivileges } = bundleOf(model, grant.target);
  if (beyondPrivileges) return `that is more than single privileges, and takes \`${ESCALATE}\``;
  const uncertain = uncertainBits(model);
  const from = Math.max(moment.now, grant.notBefore ?? moment.now);
  const until = grant.expiresAt === null ? FAR : Math.max(from, grant.expiresAt - 1);
  const between = await lookup.boundaries(formatRef(subject.type, subject.id), from, until, MAX_BOUNDARIES + 1);
  if (between.length > MAX_BOUNDARIES) return `its own rights change too often in that time, and that takes \`${ESCALATE}\``;
  const times = [moment.now, from, ...between, until];
  for (const bit of bits) {
    const { name } = model.privileges[bit]!;
    if (uncertain.has(bit)) return `\`${name}\` depends on a condition or type somewhere, and takes \`${ESCALATE}\``;
    for (const request of questions(model, bit, subject, grant.scope, probe)) {
      for (const time of times) {
        if (!(await decides(moment, request, time))) return `it does not hold \`${name}\` there for that time`;
      }
    }
  }
  return null;
}

/**
 * The questions whose answers show whether a privilege is held at a scope: at the scope itself, and for what can only be asked below it
 * (entries of the project level, or of certain types) of a resource that isn't there yet, so that only rights from above reach it.
 */
function questions(model: CatalogModel, bit: number, subject: Entity, scope: string, probe: string): CheckRequest[] {
  const { name, org, project, types } = model.privileges[bit]!;
  const type = types[0] ?? PROBE_TYPE;
  const action = { name };
  const above = scope === ORG_SCOPE ? [] : [scope];
  const asked: CheckRequest[] = [];
  if (org && scope === ORG_SCOPE) asked.push({ subject, action });
  else if (org) asked.push({ subject, action, resource: { type, id: probe, properties: { parents: above } } });
  if (project) asked.push({ subject, action, resource: { type, id: probe, properties: { parents: above, project: probe } } });
  return asked;
}

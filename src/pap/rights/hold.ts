/**
 * No escalation: whatever a write gives, widens, takes or un-denies for anybody, by whatever route, its writer must hold there, unconditionally and
 * for at least that time, or hold `bitgate:escalate` there.
 */
import type { CatalogModel, PrivilegeModel } from '../../core/snapshot/model.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { formatRef, GROUP_TYPE, ORG_SCOPE, parseRef } from '../../core/terms/ref.ts';
import type { CheckRequest, Clauses, OpenQuestion } from '../../core/terms/request.ts';
import type { Lookup } from '../control-ports.ts';
import { decides, type Moment } from '../write/moment.ts';
import type { Need } from './needs/context.ts';

const ESCALATE = 'bitgate:escalate';
/** ms since 1970: the year 9999. What is held then is held without end */
export const FAR = 253_370_764_800_000;
/** times at which the writer's own grants begin or end: if they are more, what is held must be held all the time by one grant */
const MAX_BOUNDARIES = 50;
/** More questions than these are not asked. */
const MAX_QUESTIONS = 50_000;

/** @throws BitgateError `escalation` (403), naming what the writer lacks */
export async function refuseUnheld(
  lookup: Pick<Lookup, 'boundaries'>,
  moment: Moment,
  model: CatalogModel,
  needs: readonly Need[],
): Promise<void> {
  const { subject, proven } = moment.writer;
  if (subject === null) return;
  const escalates = new Map<string, boolean>();
  const principals = [formatRef(subject.type, subject.id), ...(proven?.groups ?? []).map((id) => `${GROUP_TYPE}:${id}`)];
  const times = timesOf(lookup, principals, moment.now);
  let questions = 0;
  for (const need of needs) {
    if (need.bits.size === 0 && need.beyond === null) continue;
    const where = need.place.length === 0 ? ORG_SCOPE : need.place.join(', ');
    const known = escalates.get(where);
    const may = known ?? (await mayEscalate(moment, need.place));
    escalates.set(where, may);
    if (may) continue;
    if (need.beyond !== null) throw escalation(moment, where, `${need.beyond}, and that takes \`${ESCALATE}\``);
    for (const bit of need.bits) {
      const privilege = model.privileges[bit];
      questions += need.place.length + 2;
      if (questions > MAX_QUESTIONS) throw escalation(moment, where, `it concerns too many privileges, and that takes \`${ESCALATE}\``);
      if (privilege !== undefined && (await holds(moment, privilege, need, times))) continue;
      const name = privilege?.name ?? 'a privilege that is new';
      throw escalation(moment, where, `it does not hold \`${name}\` there for that time, whatever is asked`);
    }
  }
}

function escalation({ writer }: Moment, scope: string, why: string): BitgateError {
  const message = `\`${writer.actor}\` may not give, take or widen this at \`${scope}\`: ${why}`;
  return new BitgateError('escalation', 403, message, { scope, needs: ESCALATE });
}

async function mayEscalate(moment: Moment, place: readonly string[]): Promise<boolean> {
  const request = { action: { name: ESCALATE } };
  const options = { open: { counting: 'least', until: moment.now } } as const;
  for (const scope of place.length === 0 ? [undefined] : place) {
    const resource = scope === undefined ? undefined : parseRef(scope);
    if (!(await decides(moment, { ...request, resource }, moment.now, options))) return false;
  }
  return true;
}

/** At each level at which the privilege can be asked there: of the organization itself, and of something below that isn't there yet. */
async function holds(moment: Moment, privilege: PrivilegeModel, need: Need, times: Times): Promise<boolean> {
  for (const scope of need.place.length === 0 ? [undefined] : need.place) {
    const resource = scope === undefined ? undefined : parseRef(scope);
    for (const below of questions(privilege, scope, need.reaching)) {
      if (!(await held(moment, { action: { name: privilege.name }, resource }, need, below, times))) return false;
    }
  }
  return true;
}

type Below = OpenQuestion['below'];

function questions({ org, project }: PrivilegeModel, scope: string | undefined, restricted: boolean): Below[] {
  const asked: Below[] = [];
  if (org) asked.push(scope === undefined ? undefined : { project: false, restricted });
  if (project) asked.push({ project: true, restricted });
  return asked;
}

async function held(
  moment: Moment,
  request: Omit<CheckRequest, 'subject'>,
  { until, asEverybody }: Need,
  below: Below,
  times: Times,
): Promise<boolean> {
  const last = Math.max(moment.now, (until ?? FAR) - 1);
  for (const [from, to] of await times(last)) {
    const open: OpenQuestion = { counting: 'least', until: to, below };
    if (!(asEverybody ? await heldAsByEverybody(moment, request, from, open) : await decides(moment, request, from, { open })))
      return false;
  }
  return true;
}

async function heldAsByEverybody(
  moment: Moment,
  request: Omit<CheckRequest, 'subject'>,
  from: number,
  open: OpenQuestion,
): Promise<boolean> {
  const clauses: Clauses = { allows: [], denies: [] };
  const allowed = await decides(moment, request, from, { open: { ...open, clauses } });
  return (allowed || clauses.allows.length > 0) && clauses.denies.length === 0;
}

/** Time from now on, in pieces within which the writer's own grants neither begin nor end: what is held in each is held all the time. */
type Times = (last: number) => Promise<readonly (readonly [from: number, to: number])[]>;

function timesOf({ boundaries }: Pick<Lookup, 'boundaries'>, principals: readonly string[], now: number): Times {
  const known = new Map<number, readonly (readonly [number, number])[]>();
  return async (last) => {
    let times = known.get(last);
    if (times === undefined) {
      const found = await boundaries(principals, now, last, MAX_BOUNDARIES + 1);
      const starts = found.length > MAX_BOUNDARIES ? [now] : [now, ...found];
      times = starts.map((from, i) => [from, i + 1 < starts.length ? starts[i + 1]! - 1 : last] as const);
      known.set(last, times);
    }
    return times;
  };
}

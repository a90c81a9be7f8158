/** Use case: assignments are taken away, one by its id, or all of one principal to one role or policy at one scope. */
import { BitgateError } from '../../core/terms/problem.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { ControlTools, NamedAssignment } from '../control-ports.ts';
import { requireRight, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import { MANAGE } from './assign.ts';
import { isScope, resolvePrincipal, resolveTarget, type WantedAssignment } from './wanted.ts';

const PAGE = 1_000;

/** Which assignments: by id, or by what they say. */
export type Unwanted = { readonly id: string } | Pick<WantedAssignment, 'subject' | 'role' | 'policy' | 'scope'>;

/**
 * @returns what was taken away
 * @throws BitgateError `not_found` (404) naming what isn't there, `last_owner` (409), `missing_privilege`, `escalation`, `own_rights` (403)
 */
export async function unassign(
  tools: ControlTools,
  writer: Writer,
  unwanted: Unwanted,
  mode: PublishMode,
): Promise<Written<readonly NamedAssignment[]>> {
  return write(tools, writer, mode, async (moment) => {
    // First of all: who may not write here is not told what there is.
    if ('scope' in unwanted && isScope(unwanted.scope)) await requireRight(moment, MANAGE, unwanted.scope);
    const rows = 'id' in unwanted ? await byId(tools, unwanted.id) : await byWords(tools, unwanted);
    for (const { scope } of rows) await requireRight(moment, MANAGE, scope);
    const [first] = rows;
    return {
      changes: { assignments: { insert: [], update: [], delete: rows } },
      audit: { action: 'assignment.delete', target: `assignment:${first?.id ?? ''}`, before: JSON.stringify(rows), after: null },
      value: rows,
    };
  });
}

async function byId({ lookup }: ControlTools, id: string): Promise<NamedAssignment[]> {
  const row = await lookup.assignment(id);
  if (row === null) throw missing(`assignment \`${id.slice(0, 80)}\``);
  return [row];
}

async function byWords(
  { lookup }: ControlTools,
  unwanted: Pick<WantedAssignment, 'subject' | 'role' | 'policy' | 'scope'>,
): Promise<NamedAssignment[]> {
  const refuse = (_path: string, _code: string, message: string): never => {
    throw new BitgateError('not_found', 404, message);
  };
  const principal = await resolvePrincipal(unwanted.subject, lookup, refuse);
  const target = await resolveTarget(unwanted, lookup, refuse);
  const kind = unwanted.role === undefined ? 'policy' : 'role';
  const page = await lookup.assignments({ principal, [kind]: target?.id ?? '', scope: unwanted.scope }, '', PAGE);
  if (page.rows.length === 0) {
    const where = unwanted.scope === ORG_SCOPE ? 'the organization' : `\`${unwanted.scope.slice(0, 80)}\``;
    throw missing(
      `assignment of \`${unwanted.subject.slice(0, 80)}\` to the ${kind} \`${(unwanted[kind] ?? '').slice(0, 80)}\` at ${where}`,
    );
  }
  return [...page.rows];
}

function missing(what: string): BitgateError {
  return new BitgateError('not_found', 404, `there is no ${what}`);
}

/** Use case: an API key is made, with the roles it shall hold. The token is in the answer and nowhere else: stored is its hash. */

import type { Problem } from '../../core/terms/problem.ts';
import { GROUP_EVERYONE, ORG_SCOPE } from '../../core/terms/ref.ts';
import type { ApiKeyRow, AssignmentRow } from '../../core/terms/rows.ts';
import { planAssignments, type WantedRow } from '../assignments/plan.ts';
import { type Resolved, resolveInto, resolveTime, throwIfAny } from '../assignments/wanted.ts';
import type { ControlTools, Lookup } from '../control-ports.ts';
import { type Moment, requireRight, type Writer } from '../write/moment.ts';
import { type PublishMode, type Written, write } from '../write/write.ts';
import type { OwnedKey } from './ports.ts';
import { auditText, enterPlace, type KeyPlace, keySubjectOf, MANAGE_KEYS, scopeOf } from './stored-key.ts';

export interface WantedKey {
  readonly name: string;
  readonly roles?: readonly { readonly role: string; readonly scope: string }[] | undefined;
  /** RFC 3339 with zone */
  readonly expires_at?: string | null | undefined;
  readonly forward_auth?: 'nginx' | 'forwarded' | 'envoy' | undefined;
  /** whose it is: it goes with that member. Absent: whoever makes it, and of a key its owner, if it has one */
  readonly owner?: string | undefined;
}

/** A new credential, made where tokens are known. */
export interface NewCredential {
  readonly id: string;
  /** SHA-256 of the whole token, 64 hex digits */
  readonly hash: string;
}

/**
 * @param place the project that the key belongs to, or null
 * @throws BitgateError `missing_privilege`, `escalation` (403), `not_found` (404), `invalid_api_key` (422)
 */
export async function createKey(
  tools: ControlTools,
  writer: Writer,
  place: KeyPlace,
  wanted: WantedKey,
  credential: NewCredential,
  mode: PublishMode,
): Promise<Written<OwnedKey>> {
  const row = keyRow(place, wanted, credential);
  return write(tools, writer, mode, async (moment) => {
    await enterPlace(tools.lookup, moment, place);
    const assignments = await keyAssignments(tools, moment, row, wanted.roles ?? []);
    const owner = await ownerOf(tools, moment, wanted);
    return {
      changes: {
        api_keys: { insert: [row], update: [], delete: [] },
        assignments: { insert: assignments, update: [], delete: [] },
      },
      beside: { keyOwners: owner === null ? [] : [{ id: row.id, owner }] },
      audit: { action: 'api_key.create', target: keySubjectOf(row), before: null, after: auditText(row, { assignments, owner }) },
      value: { ...row, owner },
    };
  });
}

function keyRow(place: KeyPlace, wanted: WantedKey, { id, hash }: NewCredential): ApiKeyRow {
  const problems: Problem[] = [];
  const expiresAt = resolveTime(wanted.expires_at, 'expires_at', (path, code, message) => problems.push({ path, code, message }));
  throwIfAny('invalid_api_key', 'the key', problems);
  return {
    id,
    project: place ?? '',
    name: wanted.name,
    hash,
    previous_hash: null,
    previous_until: null,
    status: 'active',
    expires_at: expiresAt,
    forward_auth: wanted.forward_auth ?? '',
  };
}

/**
 * Null: root made it for nobody.
 * @throws BitgateError `invalid_api_key` (422)
 */
async function ownerOf({ members }: ControlTools, { writer }: Moment, { owner }: WantedKey): Promise<string | null> {
  const { subject } = writer;
  if (owner === undefined && (subject === null || subject.type === 'api_key'))
    return subject === null ? null : ((await members.keyOwner(subject.id)) ?? writer.actor);
  // Whoever comes with a token may be registered nowhere: then no removal of a member would ever end the key.
  const wanted = owner ?? writer.actor;
  const known = await members.known([wanted]);
  const problem = { path: 'owner', code: 'unknown_subject', message: `\`${wanted.slice(0, 80)}\` is not registered` };
  throwIfAny('invalid_api_key', 'the key', known.subjects.has(wanted) ? [] : [problem]);
  return wanted;
}

/** @throws BitgateError `invalid_api_key` (422) with all that is wrong, each with its place */
async function resolveRoles(
  { lookup }: ControlTools,
  place: KeyPlace,
  roles: readonly { readonly role: string; readonly scope: string }[],
): Promise<Resolved[]> {
  const resolved: Resolved[] = [];
  const problems: Problem[] = [];
  for (const [i, { role, scope }] of roles.entries()) {
    const found: Problem[] = [];
    // Everyone stands for the key, which is not there yet.
    resolved.push(await resolveInto(found, { subject: GROUP_EVERYONE, role, scope }, lookup));
    if (found.length === 0 && !(await liesIn(lookup, scope, place))) {
      found.push({
        path: 'scope',
        code: 'outside_project',
        message: 'a key of a project can be given roles there and at registered resources below it only',
      });
    }
    problems.push(...found.map((problem) => ({ ...problem, path: `roles[${i}].${problem.path}` })));
  }
  throwIfAny('invalid_api_key', 'the key', problems);
  return resolved;
}

async function liesIn(lookup: Lookup, scope: string, place: KeyPlace): Promise<boolean> {
  return place === null || (scope !== ORG_SCOPE && (await lookup.liesWithin(scope, scopeOf(place))));
}

/** A key may be given what its maker could give to anybody, for as long as the key lasts. */
async function keyAssignments(
  tools: ControlTools,
  moment: Moment,
  key: ApiKeyRow,
  roles: readonly { readonly role: string; readonly scope: string }[],
): Promise<readonly AssignmentRow[]> {
  const wanted: WantedRow[] = [];
  for (const resolved of await resolveRoles(tools, key.project === '' ? null : key.project, roles)) {
    const row = { ...resolved.row, principal: keySubjectOf(key) };
    await requireRight(moment, MANAGE_KEYS, row.scope);
    wanted.push(row);
  }
  return (await planAssignments(tools, wanted)).insert;
}

/**
 * DataHub's policies → a manifest. Not strict: what they grant there they grant here, corners included. Strict: the same but that a draft
 * grants nothing, that an exclusion doesn't hold where its field is unknown, and that a policy which mixes kinds of privileges is refused.
 */
import { datahubKind } from '../../../../presets/datahub/kinds.ts';
import { datahub } from '../../../../presets/datahub.ts';
import { formatPath } from '../../shape.ts';
import type { ImportContext } from '../context.ts';
import { Draft, type Imported } from '../draft.ts';
import { readForeign } from '../read.ts';
import { DataHubGroups, type Holders, holdersOf } from './actors.ts';
import { type Place, placesOf } from './filter.ts';
import { DataHubRoles } from './roles.ts';
import { type DataHubPolicy, datahubSchema, policySchema } from './schema.ts';

interface Work {
  readonly draft: Draft;
  readonly groups: DataHubGroups;
  readonly roles: DataHubRoles;
  readonly strict: boolean;
}

/** @throws BitgateError `invalid_import` (422) */
export function importDataHub(value: unknown, context: ImportContext, strict: boolean): Imported {
  const { policies, members, listed } = readForeign(datahubSchema, value);
  const draft = new Draft(context, datahub);
  const work: Work = { draft, groups: new DataHubGroups(draft), roles: new DataHubRoles(draft), strict };
  const above = listed ? [] : ['policies'];
  for (const [i, { info, at }] of readForeign(policySchema.array(), policies, above).entries()) {
    const entry = formatPath([...above, i]);
    if (info !== null) addPolicy(info, `${entry}${at}`, work);
    else draft.report.tell('deletion_ignored', entry, 'an entry without `info` deletes in DataHub: here nothing is deleted');
  }
  work.roles.members(members, work.groups);
  work.groups.finish();
  return draft.finish();
}

function addPolicy(policy: DataHubPolicy, path: string, work: Work): void {
  const { draft, roles } = work;
  const holders: Holders =
    policy.actors === null || policy.actors === undefined
      ? { principals: [], roles: [] }
      : holdersOf(policy.actors, `${path}.actors`, work.groups, draft);
  if (
    policy.editable === false &&
    holders.principals.length === 0 &&
    holders.roles.length > 0 &&
    holders.roles.every((r) => roles.isSystem(r))
  ) {
    draft.report.tell('held_by_preset', path, `\`${titleOf(policy)}\` belongs to DataHub itself: the preset has its roles already`);
    return;
  }
  if (work.strict) refuseMixed(policy, path, work);
  const privileges = draft.privileges(policy.privileges, ['org', 'project'], `${path}.privileges`);
  const options = { strict: work.strict, path, report: draft.report };
  const direct = placesOf(policy, { ...options, mayScope: true });
  const bundled = placesOf(policy, { ...options, mayScope: false });
  const same = JSON.stringify(direct) === JSON.stringify(bundled);
  const make = (places: readonly Place[], more: string): string[] =>
    places.map((place) => makePolicy(policy, privileges, place, more, path, work));
  // Without holders it is kept all the same: somebody may be given it.
  if (holders.principals.length > 0 || holders.roles.length === 0 || same) {
    const names = make(direct, '');
    for (const [i, policyName] of names.entries()) {
      for (const subject of holders.principals) {
        for (const scope of direct[i]?.scopes ?? []) draft.assignments.push({ subject, policy: policyName, scope });
      }
    }
    if (same) for (const role of holders.roles) roles.bundle(role, names, `${path}.actors.roles`);
  }
  if (same || holders.roles.length === 0) return;
  const names = make(bundled, holders.principals.length > 0 ? ' (in roles)' : '');
  for (const role of holders.roles) roles.bundle(role, names, `${path}.actors.roles`);
}

function titleOf({ displayName, name }: DataHubPolicy): string {
  return displayName ?? name ?? 'DataHub policy';
}

function makePolicy(
  policy: DataHubPolicy,
  privileges: string[],
  { types, condition }: Place,
  more: string,
  path: string,
  work: Work,
): string {
  const name = work.draft.names.claim('policy', '', `${titleOf(policy)}${more}`, path);
  work.draft.policies.push({
    name,
    ...(policy.description === undefined ? {} : { description: policy.description }),
    state: stateOf(policy, path, work),
    privileges,
    ...(types.length === 0 ? {} : { resource_types: [...types] }),
    ...(condition === null ? {} : { condition }),
  });
  return name;
}

/** DataHub's engine rejects INACTIVE alone: a draft grants there. */
function stateOf({ state = 'ACTIVE' }: DataHubPolicy, path: string, { draft, strict }: Work): 'ACTIVE' | 'INACTIVE' | 'DRAFT' {
  if (state === 'ACTIVE' || state === 'INACTIVE') return state;
  const shown = `\`${state.slice(0, 80)}\``;
  if (!strict) {
    draft.report.tell('draft_grants', `${path}.state`, `${shown} grants in DataHub’s engine: it is ACTIVE here`);
    return 'ACTIVE';
  }
  draft.report.tell('draft_denied', `${path}.state`, `${shown} grants in DataHub’s engine: here it grants nothing`);
  return 'DRAFT';
}

function refuseMixed({ type, privileges }: DataHubPolicy, path: string, { draft }: Work): void {
  const wanted = type === 'PLATFORM' ? 'platform' : 'metadata';
  for (const [i, privilege] of privileges.entries()) {
    const kind = datahubKind(privilege);
    if (kind === null || kind === 'both' || kind === wanted) continue;
    const message = `\`${privilege}\` is a ${kind} privilege in a ${wanted} policy: import with \`strict=false\` to take it as DataHub does`;
    draft.report.refuse('mixed_privilege', `${path}.privileges[${i}]`, message);
  }
}

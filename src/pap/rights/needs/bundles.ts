/** Roles and policies that are edited: what changes in them changes wherever they are assigned. */
import type { CatalogModel } from '../../../core/snapshot/model.ts';
import { ORG_SCOPE } from '../../../core/terms/ref.ts';
import { isUntouched } from '../../write/complete.ts';
import { contentOf, differingBits } from '../content.ts';
import { MAX_GRANTS, type Needs } from './context.ts';
import { mappedRoles } from './settings.ts';

const TABLES = ['policies', 'roles', 'role_policies', 'role_inherits'] as const;

export async function bundleNeeds(needs: Needs): Promise<void> {
  const { changes, before, after, lookup, now } = needs;
  if (TABLES.every((table) => isUntouched(changes, table))) return;
  const changed = new Map(
    [...new Set([...idsOf(before), ...idsOf(after)])].flatMap((id) => {
      const [old, young] = [contentOf(before, id), contentOf(after, id)];
      const bits = differingBits(old, young);
      const flags = old.all !== young.all || old.reachesRestricted !== young.reachesRestricted;
      return bits.size === 0 && !flags ? [] : [[id, { bits, flags, reaching: old.reachesRestricted || young.reachesRestricted }] as const];
    }),
  );
  if (changed.size === 0) return;
  const assigned = await lookup.assignmentsOf([...changed.keys()], now, MAX_GRANTS + 1);
  if (assigned.length > MAX_GRANTS) return needs.beyond(`it concerns more than ${MAX_GRANTS} grants`, []);
  for (const grant of [...assigned, ...mappedRoles(needs), ...defaultRole(after)]) {
    const change = changed.get(grant.target);
    if (change === undefined) continue;
    needs.bits(grant, change.bits, { reaching: change.reaching });
    if (change.flags) needs.beyond('it changes whether a role bundles every privilege or reaches restricted resources', []);
  }
}

function idsOf({ roles, policies }: CatalogModel): string[] {
  return [...roles, ...policies].map(({ id }) => id);
}

function defaultRole({ settings }: CatalogModel): { target: string; scope: string; since: number; until: null }[] {
  const { default_role: role }: { default_role?: unknown } = JSON.parse(settings === '' ? '{}' : settings);
  return typeof role === 'string' ? [{ target: role, scope: ORG_SCOPE, since: 0, until: null }] : [];
}

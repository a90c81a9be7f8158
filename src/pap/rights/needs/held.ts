/** What principals hold: what they and the groups that they are in were assigned, and have as owners. */
import { GROUP_OWNER, GROUP_OWNER_PREFIX } from '../../../core/terms/ref.ts';
import type { HeldTarget } from '../ports.ts';
import { earlier, MAX_GRANTS, type Needs } from './context.ts';

/** What the principals, and the groups that they are in, were assigned, and have as owners. */
export async function heldNeeds(needs: Needs, given: readonly string[], until: number | null): Promise<void> {
  const { lookup, now } = needs;
  const principals = await lookup.withGroups(given);
  const held = await lookup.heldBy(principals, now, MAX_GRANTS + 1);
  needs.targets(held.map((grant) => ({ ...grant, until: earlier(grant.until, until) })));
  const owned = await lookup.ownedBy(principals, MAX_GRANTS + 1);
  if (owned.length > MAX_GRANTS) return needs.beyond(`it concerns more than ${MAX_GRANTS} owned resources`, []);
  await ownerNeeds(
    needs,
    owned.map(({ resource, kind }) => ({ kind, place: [resource] })),
  );
}

interface OwnedPlace {
  readonly kind: string;
  readonly place: readonly string[];
}

/** What owners hold, of that kind or any, counts as granted on the owned resource itself. */
export async function ownerNeeds(needs: Needs, owned: readonly OwnedPlace[]): Promise<void> {
  await ofOwners(needs, owned, (held, place) => needs.targets(held, place));
}

/** @param judge is given what owners of a kind hold, place by place */
export async function ofOwners(
  needs: Needs,
  owned: readonly OwnedPlace[],
  judge: (held: readonly HeldTarget[], place: readonly string[]) => void,
): Promise<void> {
  for (const [kind, places] of Map.groupBy(owned, (each) => each.kind)) {
    const groups = kind === '' ? [GROUP_OWNER] : [GROUP_OWNER, GROUP_OWNER_PREFIX + kind];
    const held = await needs.lookup.heldBy(groups, needs.now, MAX_GRANTS + 1);
    for (const { place } of places) judge(held, place);
  }
}

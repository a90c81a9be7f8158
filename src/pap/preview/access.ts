/**
 * Who gains and who loses what by a change: the answer of every preview.
 *
 * A principal is a registered subject, a group, `group:everyone`, `group:anyone`, or a group of owners; a subject stands for itself with all that
 * reaches it through groups, a group for somebody who is in it alone (`askerOf`). Its scopes are `org`, where it holds something itself or through
 * others, each resource that was moved, registered or restricted or not any more, or whose properties changed, and, when resources moved or a deny
 * changed at a resource, each resource with several parents. For each privilege of either state, what the principal holds there is compared facet by
 * facet (`FACETS`): at the scope, below it at either level, behind a restriction; never, sometimes or always, from now on.
 *
 * Listed is what no other change explains: one of the same direction, of a group that the principal is in (before, of what is lost; after, of what is
 * gained) or of itself, at the scope or above it, for the same facets. So a group's change is listed for the group and not for its members, and a change at
 * `org` not again below it; but a member that loses by a deny what it holds through others is listed itself. Where a grant of the principal's is another
 * one, or says something else, or the scope itself was changed, a change above that is conditional doesn't explain one that is certain.
 */
import { compareCodePoints } from '../../core/sets/compare.ts';
import { LIMITS } from '../../core/terms/limits.ts';
import { GROUP_TYPE, isReservedGroup } from '../../core/terms/ref.ts';
import { CandidateFinder } from './candidates.ts';
import { type Changed, changeOf, FULL } from './change-of.ts';
import { changedResources } from './changed-resources.ts';
import { type Change, Explained } from './explain.ts';
import { closedScopes, groupPairs, principalPairs } from './pairs.ts';
import { AccessSide, type Holder, type LeafPoint } from './side.ts';
import { askerOf, type Span } from './standing.ts';

/** One principal, one privilege, one scope. Groups and relative principals stand for themselves: their members aren't listed one by one. */
export interface AccessChange {
  readonly change: 'gained' | 'lost';
  /** a subject, `group:<name>` or a reserved group */
  readonly principal: string;
  readonly privilege: string;
  /** `org` or a resource */
  readonly scope: string;
  /** only under a condition, or for some types or in a window, or behind a restriction alone; before, after, or both */
  readonly conditional: boolean;
}

export interface AccessDiff {
  readonly gained: number;
  readonly lost: number;
  /** in the order of principal, scope, privilege; of more than `LIMITS.accessChanges` only so many, and the counts say how many there are */
  readonly items: readonly AccessChange[];
}

/** ms since 1970: the year 9999 */
const FAR = 253_370_764_800_000;

/**
 * @param now ms since 1970: what was over by then makes no difference
 * @param seen is given every change that is counted, those beyond the limit too
 */
export async function accessDiff(
  before: LeafPoint,
  after: LeafPoint,
  now: number,
  limit: number = LIMITS.accessChanges,
  seen: (change: Change) => void = () => undefined,
): Promise<AccessDiff> {
  return new Comparison(await AccessSide.open(before), await AccessSide.open(after), { from: now, until: FAR }, limit, seen).run();
}

class Comparison {
  readonly #before: AccessSide;
  readonly #after: AccessSide;
  readonly #span: Span;
  readonly #limit: number;
  readonly #seen: (change: Change) => void;
  readonly #explained: Explained;
  readonly #items: AccessChange[] = [];
  readonly #counts = { gained: 0, lost: 0 };

  constructor(before: AccessSide, after: AccessSide, span: Span, limit: number, seen: (change: Change) => void) {
    this.#before = before;
    this.#after = after;
    this.#span = span;
    this.#limit = limit;
    this.#seen = seen;
    this.#explained = new Explained({ lost: before, gained: after });
  }

  async run(): Promise<AccessDiff> {
    const [before, after] = [this.#before, this.#after];
    const resources = await changedResources(before, after);
    // Where ways join matters when something was moved, or when a deny may have changed.
    const denies = [before, after].some(({ point }) => point.snapshot.catalog.hasDeny);
    if (resources.structure.size > 0 || denies) for (const side of [before, after]) await side.scanResources();
    const finder = new CandidateFinder([before, after], resources, await closedScopes(before, after));
    const groups: (readonly [Holder, Holder, readonly Change[]])[] = [];
    for (const [was, is] of groupPairs(before, after)) {
      const changes = await this.#changesOf(finder, was, is, resources.properties);
      this.#explained.keep(changes, finder.strict(was, is));
      groups.push([was, is, changes]);
    }
    for (const [was, is, changes] of groups) await this.#list(finder, was, is, changes);
    const everything = !finder.onlyOwn || ownersDiffer(before, after) || groups.some(([was, is]) => differ(was, is));
    for await (const [was, is] of principalPairs(before, after, everything)) {
      await this.#list(finder, was, is, await this.#changesOf(finder, was, is, resources.properties));
    }
    return { ...this.#counts, items: this.#items.sort(inOrder) };
  }

  async #changesOf(finder: CandidateFinder, was: Holder, is: Holder, properties: ReadonlySet<string>): Promise<Change[]> {
    const candidates = await finder.of(was, is);
    if (candidates === null) return [];
    const asker = askerOf(was.principal);
    const changes: Change[] = [];
    for (const [scope, names] of candidates.at) {
      const unsure = candidates.unsure ? 'everywhere' : properties.has(scope) ? 'here' : 'nowhere';
      for (const privilege of names) {
        const changed: Changed | null = await changeOf([this.#before, this.#after], asker, privilege, scope, this.#span, unsure);
        if (changed === null) continue;
        for (const change of ['gained', 'lost'] as const) {
          if (changed[change].some((extent) => extent > 0))
            changes.push({ change, principal: was.principal, privilege, scope, extent: changed[change] });
        }
      }
    }
    return changes;
  }

  async #list(finder: CandidateFinder, was: Holder, is: Holder, changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    for (const change of await this.#explained.rest(changes, { lost: was, gained: is }, finder.strict(was, is))) {
      this.#counts[change.change]++;
      this.#seen(change);
      if (this.#items.length < this.#limit) this.#items.push(this.#itemOf(change));
    }
  }

  #itemOf({ change, principal, privilege, scope, extent }: Change): AccessChange {
    return { change, principal: this.#named(principal), privilege, scope, conditional: !extent.slice(0, 3).includes(FULL) };
  }

  #named(principal: string): string {
    if (!principal.startsWith(`${GROUP_TYPE}:`) || isReservedGroup(principal)) return principal;
    const id = principal.slice(GROUP_TYPE.length + 1);
    return `${GROUP_TYPE}:${this.#after.groupNames.get(id) ?? this.#before.groupNames.get(id) ?? id}`;
  }
}

/** Owners are stored with what they own: their own leaves don't show it. */
function ownersDiffer(before: AccessSide, after: AccessSide): boolean {
  const texts = ({ owned }: AccessSide): Set<string> =>
    new Set([...owned].flatMap(([owner, list]) => list.map(({ resource, kind }) => JSON.stringify([owner, resource, kind]))));
  const [was, is] = [texts(before), texts(after)];
  return was.size !== is.size || [...was].some((text) => !is.has(text));
}

/** Does a group's own change reach its members? */
function differ(was: Holder, is: Holder): boolean {
  const keys = ({ contributions, above }: Holder): string => JSON.stringify([contributions.map(({ key }) => key).sort(), above]);
  return keys(was) !== keys(is);
}

function inOrder(a: AccessChange, b: AccessChange): number {
  return (
    compareCodePoints(a.principal, b.principal) ||
    compareCodePoints(a.scope, b.scope) ||
    compareCodePoints(a.privilege, b.privilege) ||
    compareCodePoints(a.change, b.change)
  );
}

/**
 * Where to look: which privileges at which scopes may differ for a principal, from what it holds before and after. Looking at too much changes
 * no answer; what is never looked at here is explained by something that is (`explain.ts`).
 */
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { ChangedResources } from './changed-resources.ts';
import type { Strict } from './explain.ts';
import type { AccessSide, Holder } from './side.ts';

export interface Candidates {
  /** privileges by scope */
  readonly at: ReadonlyMap<string, ReadonlySet<string>>;
  /** what its conditions read changed everywhere */
  readonly unsure: boolean;
}

export class CandidateFinder {
  readonly #sides: readonly [AccessSide, AccessSide];
  readonly #resources: ChangedResources;
  /** unregistered scopes whose type was closed or opened, and resources with changed structure */
  readonly #moved: readonly string[];
  readonly #junctions: readonly string[];
  /** of each role or policy that says something else now: the privileges concerned, and those that it denies otherwise */
  readonly #targets = new Map<string, { readonly names: ReadonlySet<string>; readonly denied: ReadonlySet<string> }>();
  readonly #denyAnywhere: boolean;

  /** @param closed scopes of which the organization closed or opened the type */
  constructor(sides: readonly [AccessSide, AccessSide], resources: ChangedResources, closed: ReadonlySet<string>) {
    const [before, after] = sides;
    this.#sides = sides;
    this.#resources = resources;
    this.#junctions = [...new Set([...before.junctions, ...after.junctions])];
    const moved = new Set([...resources.structure, ...closed]);
    this.#moved = moved.size === 0 ? [] : [...new Set([...moved, ...(resources.structure.size === 0 ? [] : this.#junctions)])];
    this.#denyAnywhere = sides.some(({ point }) => point.snapshot.catalog.hasDeny);
    if (before.point.snapshot.manifest.catalogHash !== after.point.snapshot.manifest.catalogHash) this.#compareTargets();
  }

  /** Nothing but a principal's own entry can make a difference to it. */
  get onlyOwn(): boolean {
    return this.#targets.size === 0 && this.#moved.length === 0 && this.#resources.properties.size === 0;
  }

  #compareTargets(): void {
    const [before, after] = this.#sides.map(({ holdings }) => holdings);
    for (const target of new Set([...before!.targets(), ...after!.targets()])) {
      const [was, is] = [before!.of(target), after!.of(target)];
      const names = new Set<string>();
      const denied = new Set<string>();
      for (const name of new Set([...was.keys(), ...is.keys()])) {
        if (was.get(name)?.all !== is.get(name)?.all) names.add(name);
        if ((was.get(name)?.denies ?? '') !== (is.get(name)?.denies ?? '')) denied.add(name);
      }
      if (names.size > 0) this.#targets.set(target, { names, denied });
    }
  }

  /** Scopes at which a grant of the privilege is another one, or says something else, or that were changed themselves. */
  strict(was: Holder, is: Holder): Strict {
    const { structure, properties } = this.#resources;
    const changed = new Map<string, { has(privilege: string): boolean }[]>();
    const note = (scope: string, privileges: { has(privilege: string): boolean }): void => {
      const known = changed.get(scope);
      if (known === undefined) changed.set(scope, [privileges]);
      else known.push(privileges);
    };
    const keys = ({ contributions }: Holder): ReadonlySet<string> => new Set(was === is ? [] : contributions.map(({ key }) => key));
    const all = was.state !== is.state;
    for (const [holder, side, others] of [
      [was, this.#sides[0], keys(is)],
      [is, this.#sides[1], keys(was)],
    ] as const) {
      for (const { key, scope, target } of holder.contributions) {
        if (all || (was !== is && !others.has(key))) note(scope, side.holdings.of(target));
        const says = this.#targets.get(target);
        if (says !== undefined) note(scope, says.names);
      }
    }
    return (scope, privilege) =>
      structure.has(scope) || properties.has(scope) || changed.get(scope)?.some((privileges) => privileges.has(privilege)) === true;
  }

  async of(was: Holder, is: Holder): Promise<Candidates | null> {
    // The same in every respect: only what its roles and policies say may differ.
    const still = was === is && this.#moved.length === 0 && this.#resources.properties.size === 0;
    if (still) return this.#ofUnchanged(was);
    const wasKeys = new Set(was.contributions.map(({ key }) => key));
    const isKeys = new Set(is.contributions.map(({ key }) => key));
    const at = new Map<string, Set<string>>();
    const denied = new Map<string, Set<string>>();
    const stateChanged = was.state !== is.state;
    const propertiesChanged = was.properties !== is.properties;
    let own = stateChanged || propertiesChanged;
    const inherited = new Set(was.above.filter((group) => is.above.includes(group)));
    for (const [holder, side, others] of [
      [was, this.#sides[0], isKeys],
      [is, this.#sides[1], wasKeys],
    ] as const) {
      for (const { key, scope, target, via } of holder.contributions) {
        const changed = this.#targets.get(target);
        const gone = !others.has(key);
        if (changed === undefined && !gone && !stateChanged) continue;
        if (!inherited.has(via)) own = true;
        const holdings = side.holdings.of(target);
        add(at, scope, gone || stateChanged ? holdings.keys() : (changed?.names ?? []));
        if (changed !== undefined) add(at, scope, changed.names);
        if (gone) add(denied, scope, namesDenied(holdings));
        if (changed !== undefined) add(denied, scope, changed.denied);
      }
    }
    const held = this.#scopesOf(was, is);
    if (denied.size > 0) this.#spread(at, denied, held);
    else if (!own && this.#moved.length === 0 && this.#resources.properties.size === 0) return null;
    const moves = this.#moved.length > 0 && (own || this.#denyAnywhere || !this.#onlyInherits(was, is, inherited));
    if (moves) await this.#addMoved(at, was, is, held);
    await this.#addProperties(at, was, is, propertiesChanged, held);
    return at.size === 0 ? null : { at, unsure: propertiesChanged };
  }

  /** One whose grants are the same: only what its roles and policies say may differ. */
  #ofUnchanged(holder: Holder): Candidates | null {
    const at = new Map<string, Set<string>>();
    const denied = new Map<string, Set<string>>();
    let own = false;
    for (const { scope, target, via } of holder.contributions) {
      const changed = this.#targets.get(target);
      if (changed === undefined) continue;
      if (!holder.above.includes(via)) own = true;
      add(at, scope, changed.names);
      if (changed.denied.size > 0) add(denied, scope, changed.denied);
    }
    if (denied.size > 0) this.#spread(at, denied, this.#scopesOf(holder, holder));
    // What groups allow more or less is said of the groups.
    return own || denied.size > 0 ? { at, unsure: false } : null;
  }

  /** A deny elsewhere takes what is held here: at any scope where something is held, or where ways join. */
  #spread(at: Map<string, Set<string>>, denied: ReadonlyMap<string, ReadonlySet<string>>, held: readonly string[]): void {
    for (const [scope, names] of denied) {
      if (names.size === 0) continue;
      for (const other of held) add(at, other, names);
      if (scope !== ORG_SCOPE) for (const junction of this.#junctions) add(at, junction, names);
    }
  }

  #onlyInherits(was: Holder, is: Holder, inherited: ReadonlySet<string>): boolean {
    return [was, is].every(({ contributions }) => contributions.every(({ via }) => inherited.has(via)));
  }

  #scopesOf(was: Holder, is: Holder): string[] {
    return [...new Set([...was.contributions, ...is.contributions].map(({ scope }) => scope))];
  }

  #allNames(was: Holder, is: Holder, conditional: boolean): Set<string> {
    const names = new Set<string>();
    [was, is].forEach(({ contributions }, i) => {
      for (const target of new Set(contributions.map((each) => each.target))) {
        for (const [name, saying] of this.#sides[i]!.holdings.of(target)) if (!conditional || saying.conditional) names.add(name);
      }
    });
    return names;
  }

  /** Resources that lie elsewhere now, or let through what they didn't: and what the principal holds below them. */
  async #addMoved(at: Map<string, Set<string>>, was: Holder, is: Holder, held: readonly string[]): Promise<void> {
    if (held.length === 0) return;
    const names = this.#allNames(was, is, false);
    const holds = new Set(held);
    for (const moved of this.#moved) if (await this.#above(moved, (scope) => holds.has(scope))) add(at, moved, names);
    for (const scope of held) {
      if (scope !== ORG_SCOPE && (await this.#above(scope, (above) => this.#resources.structure.has(above)))) add(at, scope, names);
    }
  }

  async #addProperties(at: Map<string, Set<string>>, was: Holder, is: Holder, own: boolean, held: readonly string[]): Promise<void> {
    const { properties } = this.#resources;
    if ((!own && properties.size === 0) || held.length === 0) return;
    const names = this.#allNames(was, is, true);
    if (names.size === 0) return;
    if (own) for (const scope of [...held, ...this.#junctions]) add(at, scope, names);
    const holds = new Set(held);
    for (const resource of properties) if (await this.#above(resource, (scope) => holds.has(scope))) add(at, resource, names);
  }

  /** Is the scope, or something above it before or after, such a one? */
  async #above(scope: string, wanted: (scope: string) => boolean): Promise<boolean> {
    if (wanted(ORG_SCOPE)) return true;
    for (const side of this.#sides) if ((await side.chain(scope)).keys.some(wanted)) return true;
    return false;
  }
}

function add(map: Map<string, Set<string>>, scope: string, names: Iterable<string>): void {
  let known = map.get(scope);
  if (known === undefined) {
    known = new Set();
    map.set(scope, known);
  }
  for (const name of names) known.add(name);
}

function namesDenied(holdings: ReadonlyMap<string, { readonly denies: string }>): string[] {
  return [...holdings].filter(([, { denies }]) => denies !== '').map(([name]) => name);
}

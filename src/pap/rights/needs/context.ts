/** What a write is judged by, and what was found so far that its writer must hold. */
import type { CatalogModel } from '../../../core/snapshot/model.ts';
import { ORG_SCOPE } from '../../../core/terms/ref.ts';
import type { RowChanges } from '../../ports.ts';
import { type Content, contentOf } from '../content.ts';
import type { HeldTarget, RightsLookup } from '../ports.ts';

/** Something that the write gives, widens, takes or un-denies for somebody: whoever writes must hold it there. */
export interface Need {
  /** the parents of a resource that isn't there: what reaches it is held here. None: the organization itself */
  readonly place: readonly string[];
  /** ms; 0 is no bound */
  readonly since: number;
  /** ms; null is no bound */
  readonly until: number | null;
  readonly bits: Set<number>;
  /** restricted resources below are reached too */
  readonly reaching: boolean;
  /** who gets it has it as everybody does: so does the writer, whatever its conditions say */
  readonly asEverybody: boolean;
  /** why only `bitgate:escalate` is enough */
  readonly beyond: string | null;
}

/** More grants than these are not looked into: then `bitgate:escalate` is needed. */
export const MAX_GRANTS = 5_000;

export class Needs {
  readonly lookup: RightsLookup;
  readonly changes: RowChanges;
  /** the catalog as it is */
  readonly before: CatalogModel;
  /** the catalog as it will be; its privileges are those of `before`, or `bitgate:escalate` is needed anyway */
  readonly after: CatalogModel;
  /** ms */
  readonly now: number;
  /** who writes: what it holds, it holds */
  readonly self: string;
  readonly #needs = new Map<string, Need>();
  readonly #contents = new Map<string, Content>();

  constructor(lookup: RightsLookup, changes: RowChanges, before: CatalogModel, after: CatalogModel, now: number, self: string) {
    this.lookup = lookup;
    this.changes = changes;
    this.before = before;
    this.after = after;
    this.now = now;
    this.self = self;
  }

  get all(): Need[] {
    return [...this.#needs.values()];
  }

  /** Whole roles or policies, as they are and as they will be. @param place where, if not at their scopes */
  targets(held: readonly HeldTarget[], place?: readonly string[], options: { readonly asEverybody?: boolean } = {}): void {
    if (held.length > MAX_GRANTS) {
      this.beyond(`it concerns more than ${MAX_GRANTS} grants`, []);
      return;
    }
    for (const grant of held) {
      for (const content of new Set([this.#content(this.before, grant.target), this.#content(this.after, grant.target)])) {
        this.bits(grant, content.atoms.values(), { place, reaching: content.reachesRestricted, ...options });
        if (content.all) this.beyond('it bundles every privilege, future ones too', place ?? placeOf(grant.scope));
      }
    }
  }

  /** Single privileges. */
  bits(
    grant: Omit<HeldTarget, 'target'>,
    bits: Iterable<number>,
    options: { readonly place?: readonly string[] | undefined; readonly reaching?: boolean; readonly asEverybody?: boolean } = {},
  ): void {
    const { place = placeOf(grant.scope), reaching = false, asEverybody = false } = options;
    const need = this.#need({ place, since: grant.since, until: grant.until, reaching, asEverybody, beyond: null });
    for (const bit of bits) {
      need.bits.add(bit);
      // Granted at the organization it is every privilege of every project.
      if (this.before.privileges[bit]?.impliesAll === true && place.length === 0)
        for (const each of this.#projectBits()) need.bits.add(each);
    }
  }

  beyond(why: string, place: readonly string[]): void {
    this.#need({ place, since: 0, until: null, reaching: false, asEverybody: false, beyond: why });
  }

  #need(need: Omit<Need, 'bits'>): Need {
    const key = JSON.stringify([need.place, need.since, need.until, need.reaching, need.asEverybody, need.beyond]);
    let known = this.#needs.get(key);
    if (known === undefined) {
      known = { ...need, bits: new Set() };
      this.#needs.set(key, known);
    }
    return known;
  }

  #content(model: CatalogModel, target: string): Content {
    const key = `${model === this.before ? 'before' : 'after'} ${target}`;
    let content = this.#contents.get(key);
    if (content === undefined) {
      content = contentOf(model, target);
      this.#contents.set(key, content);
    }
    return content;
  }

  *#projectBits(): Generator<number> {
    for (const [bit, { project }] of this.before.privileges.entries()) if (project) yield bit;
  }
}

export function placeOf(scope: string): readonly string[] {
  return scope === ORG_SCOPE ? [] : [scope];
}

/** The earlier of two ends, null being none. */
export function earlier(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

/** One principal, one privilege, one scope, before and after: what changed there, facet by facet. */
import type { Chain } from '../../core/snapshot/chain.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { Clause, Clauses } from '../../core/terms/request.ts';
import type { AccessSide } from './side.ts';
import { ALWAYS, type Asker, FACETS, type Held, NEVER, openly, questionAt, SOMETIMES, type Span } from './standing.ts';

/** How much changed in one direction, for each of `FACETS`: nothing, under some condition, or from never to always (or back). */
export type Extent = readonly number[];
export const FULL = 2;
const PARTLY = 1;

export interface Changed {
  readonly gained: Extent;
  readonly lost: Extent;
}

/** Where properties changed that conditions read, so that the same conditions may have another outcome: of the scope alone, or of the principal. */
export type Unsure = 'nowhere' | 'here' | 'everywhere';

export async function changeOf(
  sides: readonly [AccessSide, AccessSide],
  asker: Asker,
  privilege: string,
  scope: string,
  span: Span,
  unsure: Unsure,
): Promise<Changed | null> {
  const [before, after] = [
    await heldLoading(sides[0], asker, privilege, scope, span),
    await heldLoading(sides[1], asker, privilege, scope, span),
  ];
  const otherTypes = sides[0].holdings.typesText(privilege) !== sides[1].holdings.typesText(privilege);
  const gained = none();
  const lost = none();
  for (let facet = 0; facet < FACETS.length; facet++) {
    const was = before![facet]!;
    const is = after![facet]!;
    gained[facet] = Math.max(0, is - was);
    lost[facet] = Math.max(0, was - is);
    if (facet > 0 && was > NEVER && is > NEVER && otherTypes) {
      const [wider, narrower] = await typesChange(sides, privilege, scope, facet);
      if (wider && gained[facet] === 0) gained[facet] = PARTLY;
      if (narrower && lost[facet] === 0) lost[facet] = PARTLY;
    }
    if (was !== SOMETIMES || is !== SOMETIMES) continue;
    const [more, less] = await openChange(
      sides,
      asker,
      privilege,
      scope,
      span,
      facet,
      unsure === 'everywhere' || (unsure === 'here' && facet === 0),
    );
    if (more) gained[facet] = PARTLY;
    if (less) lost[facet] = PARTLY;
  }
  return gained.some(isSome) || lost.some(isSome) ? { gained, lost } : null;
}

const isSome = (extent: number): boolean => extent > 0;
const none = (): number[] => FACETS.map(() => 0);

/** Asks again when leaves had to be loaded. Mostly none has, and nothing is awaited. */
function heldLoading(side: AccessSide, asker: Asker, privilege: string, scope: string, span: Span): Held[] | Promise<Held[]> {
  const held = heldAt(side, asker, privilege, scope, span);
  return held instanceof Promise ? held.then(() => heldLoading(side, asker, privilege, scope, span)) : held;
}

/** What is held behind a restriction is held before it: where nothing is, nothing needs asking. */
function heldAt(side: AccessSide, asker: Asker, privilege: string, scope: string, span: Span): Held[] | Promise<unknown> {
  const request = questionAt(privilege, scope, asker);
  const held: Held[] = [];
  for (const { below, restricted } of FACETS) {
    if (restricted && held[held.length - 2]! < SOMETIMES) {
      held.push(NEVER);
      continue;
    }
    const most = side.point.decide(request, span.from, openly(asker, span, below, 'most'));
    if (most instanceof Promise) return most;
    if (!most.decision) {
      held.push(NEVER);
      continue;
    }
    const least = side.point.decide(request, span.from, openly(asker, span, below, 'least'));
    if (least instanceof Promise) return least;
    held.push(least.decision ? ALWAYS : SOMETIMES);
  }
  return held;
}

/** The privilege is held below, but for other types of resources: for more of them, for fewer, or both. */
async function typesChange(
  sides: readonly [AccessSide, AccessSide],
  privilege: string,
  scope: string,
  facet: number,
): Promise<readonly [boolean, boolean]> {
  const [before, after] = await Promise.all(
    sides.map(async (side) => side.holdings.types(privilege)[facet % 2 === 0 || (await side.chain(scope)).project ? 'project' : 'org']),
  );
  const within = (types: readonly string[], others: readonly string[]): boolean =>
    others.length === 0 || (types.length > 0 && types.every((type) => others.includes(type)));
  return [!within(after ?? [], before ?? []), !within(before ?? [], after ?? [])];
}

/** Both are conditional: did the conditions change, and which way? */
async function openChange(
  sides: readonly [AccessSide, AccessSide],
  asker: Asker,
  privilege: string,
  scope: string,
  span: Span,
  facet: number,
  unsure: boolean,
): Promise<readonly [boolean, boolean]> {
  const [before, after] = await Promise.all(sides.map((side) => clausesAt(side, asker, privilege, scope, span, facet)));
  const moreAllowed = exceeds(after!.allows, before!.allows);
  const lessAllowed = exceeds(before!.allows, after!.allows);
  const moreDenied = exceeds(after!.denies, before!.denies);
  const lessDenied = exceeds(before!.denies, after!.denies);
  const hangsOnConditions =
    unsure && [...after!.allows, ...after!.denies].some(({ under }) => under !== '' && !under.startsWith(NO_CONDITION));
  return [moreAllowed || lessDenied || hangsOnConditions, lessAllowed || moreDenied || hangsOnConditions];
}

/** how `Clause.under` begins when types alone are open */
const NO_CONDITION = '[null,';
const EVER: Clause = { under: '', unless: '', from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

async function clausesAt(side: AccessSide, asker: Asker, privilege: string, scope: string, span: Span, facet: number): Promise<Clauses> {
  const clauses: Clauses = { allows: [], denies: [] };
  const options = openly(asker, span, FACETS[facet]!.below, 'most', clauses);
  const { decision } = await side.point.decide(questionAt(privilege, scope, asker), span.from, options);
  return decision ? { allows: [EVER], denies: clauses.denies } : clauses;
}

/** Is there a clause that no clause of the other side covers? */
function exceeds(clauses: readonly Clause[], others: readonly Clause[]): boolean {
  return clauses.some((clause) => !others.some((other) => covers(other, clause)));
}

function covers(wide: Clause, narrow: Clause): boolean {
  const says = wide === EVER || wide.under === narrow.under || wide.under === '';
  return says && (wide.unless === '' || wide.unless === narrow.unless) && wide.from <= narrow.from && wide.until >= narrow.until;
}

const PROJECT = { here: 2, behind: 4 } as const;
const ORG_LEVEL = { here: 1, behind: 3 } as const;

/** Does a change of a group at the same scope say all that a change of its member says? */
export function coversHere(group: Extent, member: Extent): boolean {
  return member.every((extent, facet) => group[facet]! >= extent);
}

/** Does a change of a group of owners at a scope say what a change of somebody says who owns what is asked about? */
export function coversOwner(owners: Extent, owner: Extent): boolean {
  return owner.every((extent, facet) => extent === 0 || (facet === 0 && Math.max(...owners) >= extent));
}

/** Whether it changed, not how much. */
export function clipped(extent: Extent): Extent {
  return extent.map((each) => Math.min(each, PARTLY));
}

/**
 * Does a change at a scope say all that a change further down says?
 * @param chain of the lower scope, in the state that has the access
 */
export function coversBelow(upper: Extent, above: string, lower: Extent, chain: Chain): boolean {
  const at = chain.keys.indexOf(above);
  const reaches = above === ORG_SCOPE ? chain.orgReaches : at >= 0 && chain.reaches[at]!;
  const level = chain.project ? PROJECT : ORG_LEVEL;
  const openly = reaches && upper[level.here]! >= lower[0]! && belowCovered(upper, lower, chain.project, 0);
  return openly || (upper[level.behind]! >= lower[0]! && belowCovered(upper, lower, chain.project, 2));
}

/** @param shift 0: what the upper says of open things is enough; 2: it must say it of what lies behind a restriction */
function belowCovered(upper: Extent, lower: Extent, project: boolean, shift: 0 | 2): boolean {
  const from = (facet: number): number => upper[project ? (facet > 2 ? 4 : 2) : facet]!;
  return lower.every((extent, facet) => facet === 0 || extent <= from(facet > 2 ? facet : facet + shift));
}

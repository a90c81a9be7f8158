/**
 * Where a DataHub policy holds, as ours say it: scopes and resource types where those say exactly the same, a condition for the rest. Criteria are
 * ANDed, the values of one are ORed.
 */
import { LIMITS } from '../../../../core/terms/limits.ts';
import { ORG_SCOPE } from '../../../../core/terms/ref.ts';
import type { Reporter } from '../report.ts';
import { type Criterion, clauseOf, constraintClause, FIELDS, isProperty, readCriterion } from './clauses.ts';
import type { DataHubCriterion, DataHubPolicy, DataHubResources } from './schema.ts';
import { parseUrn, resourceOfUrn } from './urn.ts';

/** One policy of ours; a DataHub policy whose conditions get too long becomes several, which grant together what it grants. */
export interface Place {
  readonly scopes: readonly string[];
  readonly types: readonly string[];
  readonly condition: string | null;
}

/** What lies in it is covered with it: a scope says the same. */
const HIERARCHIES = ['DOMAIN', 'CONTAINER', 'GLOSSARY', 'DATA_PLATFORM_INSTANCE'];
/** A policy on one of these itself is not one on what lies in it. */
const HOLDERS = new Set(['domain', 'container', 'glossaryNode', 'glossaryTerm', 'dataPlatformInstance', 'dataProduct', 'dataFlow']);

const EVERYWHERE: Place = { scopes: [ORG_SCOPE], types: [], condition: null };
const NEVER: Place = { scopes: [ORG_SCOPE], types: [], condition: 'false' };

export interface FilterOptions {
  readonly strict: boolean;
  /** false for what is bundled in roles, which are assigned elsewhere: conditions say it all */
  readonly mayScope: boolean;
  readonly path: string;
  readonly report: Reporter;
}

/** @returns one place at least */
export function placesOf(policy: DataHubPolicy, options: FilterOptions): readonly Place[] {
  const { resources } = policy;
  const { path, report } = options;
  if (resources === null || resources === undefined) return [EVERYWHERE];
  const constraint = constraintOf(resources, options);
  const extra = constraint === null ? [] : [constraint];
  if (policy.type === 'PLATFORM') {
    if (resources.filter?.criteria.length || resources.type || resources.resources?.length)
      report.tell('filter_ignored', `${path}.resources`, 'DataHub ignores the resources of a platform policy: it holds everywhere');
    return [{ ...EVERYWHERE, condition: constraint }];
  }
  const criteria = criteriaOf(resources, options);
  return criteria === null ? [NEVER] : build(criteria, extra, options);
}

/** Null when none can ever match. */
function criteriaOf(resources: DataHubResources, { path, report }: FilterOptions): Criterion[] | null {
  const { filter } = resources;
  if (filter && (resources.type || resources.resources?.length))
    report.tell('legacy_ignored', `${path}.resources`, '`type` and `resources` are ignored beside `filter`, as in DataHub');
  const given = filter ? filter.criteria : legacyCriteria(resources);
  const at = filter ? `${path}.resources.filter.criteria` : `${path}.resources`;
  const read: Criterion[] = [];
  for (const [i, criterion] of given.entries()) {
    const place = filter ? `${at}[${i}]` : at;
    const known = readCriterion(criterion);
    if (known === null) {
      const what = `\`${criterion.field.slice(0, 80)}\` with \`${(criterion.condition ?? 'EQUALS').slice(0, 80)}\``;
      report.tell('no_counterpart', place, `the criterion ${what} is not known: the policy matches nothing`);
      return null;
    }
    if (known.values.length === 0 && known.comparison === 'NOT_EQUALS') continue;
    if (known.values.length === 0) {
      report.tell('never_matches', place, 'a criterion without values never matches, as in DataHub: the policy grants nothing');
      return null;
    }
    read.push(known);
  }
  return read;
}

/** What DataHub makes of a filter in its old form. */
function legacyCriteria({ type, resources, allResources }: DataHubResources): DataHubCriterion[] {
  const criteria: DataHubCriterion[] = [];
  if (type !== undefined) criteria.push({ field: 'TYPE', values: [type], condition: undefined });
  if (resources !== null && resources !== undefined && allResources !== true)
    criteria.push({ field: 'URN', values: resources, condition: undefined });
  return criteria;
}

function build(criteria: readonly Criterion[], extra: readonly string[], options: FilterOptions): readonly Place[] {
  const place = placeOf(criteria, extra, options);
  if (place.condition === null || place.condition.length <= LIMITS.conditionChars) return [place];
  const halves = halved(criteria, options);
  if (halves !== null) return halves.flatMap((half) => build(half, extra, options));
  options.report.tell(
    'condition_too_long',
    `${options.path}.resources`,
    'its exclusions are longer than a condition may be: the policy grants nothing',
  );
  return [NEVER];
}

/** The longest list that a condition holds, in two; null when there is none to divide. */
function halved(criteria: readonly Criterion[], options: FilterOptions): readonly [Criterion[], Criterion[]] | null {
  const { inConditions } = divide(criteria, options);
  const longest = inConditions
    .filter(({ comparison, values }) => comparison !== 'NOT_EQUALS' && values.length > 1)
    .sort((a, b) => b.values.join().length - a.values.join().length)[0];
  if (longest === undefined) return null;
  const middle = Math.ceil(longest.values.length / 2);
  const withValues = (values: readonly string[]): Criterion[] => criteria.map((each) => (each === longest ? { ...each, values } : each));
  return [withValues(longest.values.slice(0, middle)), withValues(longest.values.slice(middle))];
}

function placeOf(criteria: readonly Criterion[], extra: readonly string[], options: FilterOptions): Place {
  const { types, scopes, inConditions } = divide(criteria, options);
  for (const { field } of inConditions.filter((each) => isProperty(each.field))) {
    const property = `\`${FIELDS[field]}\``;
    const message = `read from the property ${property} of resources: keep there the list of URNs, with everything above them`;
    options.report.tell('needs_property', `${options.path}.resources`, message);
  }
  const clauses = inConditions.map((criterion) => clauseOf(criterion, options.strict));
  // A filter never matches without a resource; types and scopes see to that by themselves.
  const needsResource = types.length === 0 && scopes.length === 0;
  const all = [...(needsResource ? ['resource.type != ""'] : []), ...clauses, ...extra];
  return { scopes: scopes.length === 0 ? [ORG_SCOPE] : scopes, types, condition: all.length === 0 ? null : all.join(' && ') };
}

interface Division {
  readonly types: readonly string[];
  readonly scopes: readonly string[];
  readonly inConditions: readonly Criterion[];
}

function divide(criteria: readonly Criterion[], { mayScope }: FilterOptions): Division {
  const typed = criteria.find(({ field, comparison, values }) => field === 'TYPE' && comparison === 'EQUALS' && values.every(isType));
  const scoping = mayScope ? scopingOf(criteria) : undefined;
  const scopes = (scoping?.values ?? []).flatMap((urn) => resourceOfUrn(urn) ?? []);
  const exact = scoping?.field === 'URN' && scoping.values.some((urn) => HOLDERS.has(parseUrn(urn)?.type ?? ''));
  const inConditions = criteria.filter((each) => each !== typed && (each !== scoping || exact));
  return { types: typed?.values ?? [], scopes, inConditions };
}

/** The criterion that scopes can stand for: one about a hierarchy rather than one about single resources. */
function scopingOf(criteria: readonly Criterion[]): Criterion | undefined {
  const equal = criteria.filter(({ comparison, values }) => comparison === 'EQUALS' && values.every((urn) => resourceOfUrn(urn) !== null));
  return equal.find(({ field }) => HIERARCHIES.includes(field)) ?? equal.find(({ field }) => field === 'URN');
}

function isType(type: string): boolean {
  return type !== '' && !type.includes(':') && type.length <= LIMITS.nameChars;
}

/** What may be added or removed with the privilege: the URNs in the action's `sub_resources`. */
function constraintOf({ privilegeConstraints }: DataHubResources, { path, report }: FilterOptions): string | null {
  if (!privilegeConstraints || privilegeConstraints.criteria.length === 0) return null;
  const at = `${path}.resources.privilegeConstraints`;
  const read = privilegeConstraints.criteria.map(readCriterion);
  if (read.some((each) => each === null || isProperty(each.field)))
    report.tell('no_counterpart', at, 'only TYPE and URN of sub-resources can be told: nothing passes the other constraints');
  report.tell('needs_property', at, 'callers name what is added or removed in the property `sub_resources` of the action: a list of URNs');
  return constraintClause(read);
}

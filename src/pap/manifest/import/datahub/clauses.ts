/** One criterion of a resource filter as CEL. Values of a field that DataHub looks up are read from the property of that name. */
import type { DataHubCriterion } from './schema.ts';

/** Fields of our own requests, and fields that are properties of resources here: lists of URNs, with everything above them. */
export const FIELDS = {
  TYPE: 'type',
  URN: 'id',
  OWNER: 'owners',
  DOMAIN: 'domains',
  GROUP_MEMBERSHIP: 'groups',
  DATA_PLATFORM_INSTANCE: 'platform_instances',
  TAG: 'tags',
  CONTAINER: 'containers',
  GLOSSARY: 'glossary',
} as const;

export type Field = keyof typeof FIELDS;

const OLD_NAMES: Readonly<Record<string, Field>> = { RESOURCE_TYPE: 'TYPE', RESOURCE_URN: 'URN' };

export const CONDITIONS = ['EQUALS', 'STARTS_WITH', 'NOT_EQUALS'] as const;
export type Comparison = (typeof CONDITIONS)[number];

export interface Criterion {
  readonly field: Field;
  readonly comparison: Comparison;
  readonly values: readonly string[];
}

/** As DataHub evaluates: field names in any letter case, `EQUALS` when nothing is said. Null for what it doesn't know either. */
export function readCriterion({ field, condition = 'EQUALS', values }: DataHubCriterion): Criterion | null {
  const upper = field.toUpperCase();
  const name = OLD_NAMES[upper] ?? (Object.hasOwn(FIELDS, upper) ? (upper as Field) : undefined); // its own key
  const comparison = CONDITIONS.find((each) => each === condition);
  return name === undefined || comparison === undefined ? null : { field: name, comparison, values };
}

export function isProperty(field: Field): boolean {
  return field !== 'TYPE' && field !== 'URN';
}

/** JSON's texts are CEL's. */
function list(values: readonly string[]): string {
  return JSON.stringify(values);
}

function oneOf(operand: string, comparison: Comparison, values: readonly string[]): string {
  if (comparison !== 'STARTS_WITH') return `${operand} in ${list(values)}`;
  const tests = values.map((value) => `${operand}.startsWith(${JSON.stringify(value)})`);
  return tests.length === 1 ? tests.join('') : `(${tests.join(' || ')})`;
}

/**
 * @param strict an exclusion doesn't hold where the property is missing: in DataHub a field that couldn't be looked up is empty, and passes
 */
export function clauseOf({ field, comparison, values }: Criterion, strict: boolean): string {
  const excludes = comparison === 'NOT_EQUALS';
  if (!isProperty(field)) {
    const test = oneOf(`resource.${FIELDS[field]}`, comparison, values);
    return excludes ? `!(${test})` : test;
  }
  const property = `resource.properties.${FIELDS[field]}`;
  const any = `${property}.exists(v, ${oneOf('v', comparison, values)})`;
  if (!excludes) return `has(${property}) && ${any}`;
  return strict ? `has(${property}) && !${any}` : `(!has(${property}) || !${any})`;
}

const SUB_RESOURCES = 'action.properties.sub_resources';

/**
 * Every one of the URNs in the action's `sub_resources`, if there are any, has to pass; one that stands for all passes, as in DataHub.
 * @param constraints null stands for one that can't be told from a URN: none passes
 */
export function constraintClause(constraints: readonly (Criterion | null)[]): string {
  const tests = constraints.map(subResourceTest);
  return `(!has(${SUB_RESOURCES}) || ${SUB_RESOURCES}.all(s, s.endsWith(":*") || ${tests.join(' && ')}))`;
}

function subResourceTest(criterion: Criterion | null): string {
  if (criterion === null || isProperty(criterion.field)) return 'false';
  const { field, comparison, values } = criterion;
  if (values.length === 0) return String(comparison === 'NOT_EQUALS');
  const urns = field === 'URN' ? values : values.map((type) => `urn:li:${type}${comparison === 'STARTS_WITH' ? '' : ':'}`);
  const test = oneOf('s', field === 'URN' ? comparison : 'STARTS_WITH', urns);
  return comparison === 'NOT_EQUALS' ? `!(${test})` : test;
}

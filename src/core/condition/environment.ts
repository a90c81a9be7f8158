/**
 * The CEL dialect of conditions: which variables and functions there are. One environment for all conditions.
 * Left out is what can take time or memory out of proportion to its input: `matches` is a backtracking JavaScript RegExp, `split`, `join`
 * and `bytes` multiply texts, `cel.bind` hides how often a value is used. Beyond CEL's own there is `in_cidr`, called and named as in OpenFGA and SpiceDB.
 */
import { Environment } from '@marcbachmann/cel-js';
import { LIMITS } from '../terms/limits.ts';
import { inCidr } from './ip.ts';

export const VARIABLES = ['subject', 'resource', 'action', 'context', 'now'] as const;
export type Variable = (typeof VARIABLES)[number];

const ENTITY = { type: 'string', id: 'string', properties: 'map' };

let made: Environment | undefined;

/** Made for the first condition. */
export function environment(): Environment {
  made ??= new Environment({
    homogeneousAggregateLiterals: false,
    limits: { maxListElements: LIMITS.conditionListItems, maxMapEntries: LIMITS.conditionListItems },
  })
    .registerVariable('subject', { schema: ENTITY })
    .registerVariable('resource', { schema: ENTITY })
    .registerVariable('action', { schema: { name: 'string', properties: 'map' } })
    .registerVariable('context', 'map')
    .registerVariable('now', 'google.protobuf.Timestamp')
    .registerFunction('string.in_cidr(string): bool', inCidr);
  return made;
}

/** `address.in_cidr(network)` */
export const IN_CIDR = 'in_cidr';

/** Macros that run their body once per item. `has` doesn't. */
export const LOOPS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);

/** Called as `name(…)`. */
export const FUNCTIONS: ReadonlySet<string> = new Set([
  ...['has', 'size', 'type', 'dyn', 'bool', 'int', 'uint', 'double', 'string', 'timestamp', 'duration'],
]);

/** Called as `value.name(…)`; the `get…` methods of timestamps and durations take a time zone. */
export const METHODS: ReadonlySet<string> = new Set([
  ...['size', 'startsWith', 'endsWith', 'contains', 'indexOf', 'lastIndexOf', 'substring', 'lowerAscii', 'upperAscii', 'trim'],
  IN_CIDR,
  ...['getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear'],
  ...['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'],
]);

/** The refusals that every kind of thing has: not there, there already, still in use. */
import { BitgateError } from '../../core/terms/problem.ts';
import type { Users } from '../groups/ports.ts';
import { quote } from '../manifest/problems.ts';

/** how many users a refusal names, of each kind; the total stands beside */
export const USERS_NAMED = 100;

/**
 * @param kind `group` gives `unknown_group`
 * @param of where it isn't: `the group …`; absent: in the organization
 */
export function thereIsNo(kind: string, reference: string, of?: string): BitgateError {
  const where = of === undefined ? 'there is no' : `${of} has no`;
  return new BitgateError(`unknown_${kind}`, 404, `${where} ${kind} ${quote(reference)}`);
}

/** @param kind `group` gives `group_exists` */
export function existsAlready(kind: string, name: string): BitgateError {
  const advice = 'change that one, or send `?if_exists=return` to be given it';
  return new BitgateError(`${kind}_exists`, 409, `there is a ${kind} ${quote(name)} already: ${advice}`, { name });
}

/**
 * @param kind `group` gives `group_in_use`
 * @param users by kind, each already as people read it
 */
export function refuseInUse(kind: string, name: string, users: Readonly<Record<string, Users<unknown>>>): void {
  const used = Object.entries(users).filter(([, { total }]) => total > 0);
  if (used.length === 0) return;
  const counts = used.map(([what, { total }]) => `${total} ${total === 1 ? what.replace(/s$/, '') : what}`).join(', ');
  const details = Object.fromEntries(used.map(([what, { total, first }]) => [what, { total, first }]));
  const advice = 'take them away first, or send `?force=true` to take them away with it';
  throw new BitgateError(`${kind}_in_use`, 409, `the ${kind} ${quote(name)} is in use by ${counts}: ${advice}`, details);
}

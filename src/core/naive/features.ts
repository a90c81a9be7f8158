/**
 * The parts of the rule that can be switched off in the naive evaluator, so that test/oracle/coverage.ts can count how often each one decides.
 * No other code may use them: an answer given without a feature is a wrong answer.
 */
import type { CheckOptions } from '../terms/request.ts';

export const FEATURES = [
  'group_membership',
  'nested_group',
  'everyone',
  'anyone',
  'owner',
  'owner_through_group',
  'inheritance',
  'restricted',
  'reaches_restricted',
  'deny',
  'deny_on_error',
  'window',
  'condition',
  'implies',
  'role_inheritance',
  'implies_all',
  'all_privileges',
  'policy_types',
  'privilege_types',
  'default_role',
  'inactive_policy',
  'claimed_parents',
  'qualified_name',
  'independent_levels',
  'token_group',
  'token_role',
] as const;

export type Feature = (typeof FEATURES)[number];

export interface NaiveOptions extends CheckOptions {
  /** answers as if the rule did not have this part */
  readonly without?: Feature | undefined;
}

/** A decision is a value with its reason. The set of reasons is closed and ordered: the first that holds is given. */
export const REASONS = [
  'unknown_organization',
  'stale',
  'subject_suspended',
  'unknown_privilege',
  'unregistered_resource',
  'denied_by_policy',
  'granted',
  'condition_error',
  'condition_false',
  'restricted',
  'not_yet_valid',
  'expired',
  'no_grant',
] as const;

export type Reason = (typeof REASONS)[number];

export interface Decision {
  readonly decision: boolean;
  readonly reason: Reason;
}

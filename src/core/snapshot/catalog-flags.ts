/** Flags and marks of the catalog piece, as they are written and read. */
export const PRIVILEGE_ORG = 1;
export const PRIVILEGE_PROJECT = 2;
export const PRIVILEGE_IMPLIES_ALL = 4;

export const ROLE_ALL = 1;
export const ROLE_REACHES_RESTRICTED = 2;
/** some unconditional allow of the role has `implies_all: project` */
export const ROLE_IMPLIES_ALL = 4;

export const POLICY_DENY = 1;
export const POLICY_ACTIVE = 2;
export const POLICY_IMPLIES_ALL = 4;

export const NO_CONDITION = 0xffff;

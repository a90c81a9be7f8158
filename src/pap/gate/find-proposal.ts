/** A proposal that is still open, and who may decide it. */
import { BitgateError } from '../../core/terms/problem.ts';
import { ORG_SCOPE } from '../../core/terms/ref.ts';
import type { TableName } from '../../core/terms/rows.ts';
import type { ControlTools } from '../control-ports.ts';
import type { BesideChanges, RowChanges } from '../ports.ts';
import { isUntouched } from '../write/complete.ts';
import { type Moment, requireRight } from '../write/moment.ts';
import type { ProposalLookup } from './ports.ts';
import { type ProposalRow, proposalState } from './rows.ts';

/** Whoever decides for another needs at `org` what a write of these rows needs somewhere. */
const NEEDED: { readonly [T in TableName]: string } = {
  resources: 'manage_resources',
  resource_parents: 'manage_resources',
  resource_owners: 'manage_resources',
  projects: 'manage_resources',
  subjects: 'manage_members',
  groups: 'manage_members',
  group_members: 'manage_members',
  assignments: 'manage_members',
  privileges: 'manage_policies',
  policies: 'manage_policies',
  roles: 'manage_policies',
  role_policies: 'manage_policies',
  role_inherits: 'manage_policies',
  api_keys: 'manage_keys',
  routes: 'manage_settings',
  settings: 'manage_settings',
};

/** @throws BitgateError `not_found` (404) */
export async function findProposal(proposals: ProposalLookup, id: string): Promise<ProposalRow> {
  const row = await proposals.proposal(id);
  if (row === null) throw new BitgateError('not_found', 404, `there is no proposal \`${id.slice(0, 80)}\``);
  return row;
}

/** @throws BitgateError `proposal_decided` (409), `proposal_expired` (410) */
export function requirePending(row: ProposalRow, now: number): void {
  const state = proposalState(row, now);
  if (state === 'expired') {
    throw new BitgateError('proposal_expired', 410, `the proposal \`${row.id}\` is over: make the change again`, {
      expired_at: row.expires_at,
    });
  }
  if (state !== 'pending') throw new BitgateError('proposal_decided', 409, `the proposal \`${row.id}\` is ${state} already`, { state });
}

/** @throws BitgateError `missing_privilege` (403) */
export async function requireToDecide(moment: Moment, row: ProposalRow): Promise<void> {
  const changes = changesIn(row);
  // `as`: the keys of a literal of tables.
  const touched = (Object.keys(changes) as TableName[]).filter((table) => !isUntouched(changes, table));
  for (const privilege of new Set(touched.map((table) => NEEDED[table]))) await requireRight(moment, `bitgate:${privilege}`, ORG_SCOPE);
}

export function changesIn({ changes }: Pick<ProposalRow, 'changes'>): RowChanges {
  return JSON.parse(changes) as RowChanges; // written by `propose` alone
}

/** @throws BitgateError `proposal_outdated` (409) */
export function outdated(): BitgateError {
  return new BitgateError(
    'proposal_outdated',
    409,
    'what the proposal changes, or what would come of it, is not what it was when it was made: make the change again',
  );
}

/** Nothing that the proposal was made on may have moved: not its rows, not its invitation. */
export async function isCurrent({ proposals, invitations }: ControlTools, row: ProposalRow, beside: BesideChanges): Promise<boolean> {
  for (const { before } of beside.invitations?.update ?? []) {
    const present = await invitations.invitation(before.id);
    if (present === null || JSON.stringify(inOrder(present.row)) !== JSON.stringify(inOrder(before))) return false;
  }
  return proposals.unchanged(changesIn(row));
}

export function besideIn({ beside }: Pick<ProposalRow, 'beside'>): BesideChanges {
  return JSON.parse(beside) as BesideChanges; // written by `propose` alone
}

function inOrder(row: object): [string, unknown][] {
  return Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1));
}

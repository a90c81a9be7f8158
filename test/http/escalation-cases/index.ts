/**
 * The table of SEC-46: what each write operation takes. `rights` are all that the writer must hold; one short is refused. A right is held at `org`
 * unless it says `@scope`; names without prefix are `view`, `edit` … of the world's own catalog or, beginning with `manage_`, bitgate's.
 * Names of things are those of `escalation-world.ts`; `{name}` in a path is an id of it.
 */

import { type Case, ORG, P1 } from './case.ts';
import { configuration } from './configuration.ts';
import { bundles, holdings, keys } from './levels.ts';
import { groups, projects, resources, subjects } from './things.ts';

export type { Case, WorldIds } from './case.ts';

/** Nobody but root. */
export const ROOT_ONLY: readonly Omit<Case, 'rights' | 'gives'>[] = [
  { operation: 'createOrganization', path: '/admin/orgs', body: { id: 'taken-by-a-key', owner: 'user:idle' } },
  { operation: 'deleteOrganization', path: '/admin/orgs/grid?confirm=grid' },
  { operation: 'recompileAll', path: '/admin/recompile' },
];

/** What counts is who sent the invitation: in tests of their own. */
export const BY_INVITATION: readonly string[] = ['acceptInvitation', 'declineInvitation'];
/** What counts is what was proposed: likewise. */
export const BY_PROPOSAL: readonly string[] = ['confirmProposal', 'withdrawProposal'];

/** It has no trial run, and so would change the world of all others: see test/http/import/rights.test.ts. */
export const BY_LINES: readonly string[] = ['importLines'];

export const CASES: readonly Case[] = [
  ...configuration,
  ...bundles(ORG, '', 'org'),
  ...bundles(P1, 'InProject', 'project:p1'),
  ...projects,
  ...groups,
  ...subjects,
  ...resources,
  ...holdings(ORG, '', 'org'),
  ...holdings(P1, 'InProject', 'project:p1'),
  ...keys(ORG, '', 'org'),
  ...keys(P1, 'InProject', 'project:p1'),
];

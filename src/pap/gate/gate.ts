/**
 * The blast-radius gate: which changes are not written but proposed, for a second administrator to confirm. With the setting `blast_radius` a change
 * waits when
 * - anybody would gain a sensitive privilege, for certain or under a condition: a subject, a group, everyone, anyone, or whoever brings a claim;
 * - more than so many per cent of the active registered subjects would lose anything. A group that loses counts with all its members, and
 *   `group:everyone` with everybody; whoever holds the same in another way too is counted, since the group's is what the change is about;
 * - it loosens the gate itself, or lets another issuer speak for subjects while there are sensitive privileges.
 *
 * Changes that only take access away never wait, so that an incident is never answered slowly: deleting assignments, memberships, ownerships, subjects
 * and keys, ending keys, suspending subjects. So the second rule concerns edits (policies, roles, groups, resources, settings) and whatever replaces
 * a whole (manifest, import, rollback, upgrade), where losing is mostly a slip. The first rule has no exception: when what is deleted carried a
 * deny, or displaced the default role, somebody gains.
 *
 * Root is the operator, and passes: the audit tells of it, as of everything. Where nothing is published only root can write.
 */
import { canonicalJson } from '../../core/sets/canonical-json.ts';
import type { ControlTools } from '../control-ports.ts';
import type { RowChanges } from '../ports.ts';
import type { Trial } from '../preview/preview.ts';
import { isUntouched } from '../write/complete.ts';
import type { Moment } from '../write/moment.ts';
import { blastRadiusOf, isLoosened } from './blast-radius.ts';
import { claimsGive, issuersDiffer } from './claims.ts';
import { countLosers } from './losers.ts';
import { isRevocation } from './revocation.ts';
import type { GateReason, ProposalSummary } from './rows.ts';

export interface Gate extends ProposalSummary {
  readonly diffHash: string;
}

/** names of privileges that a reason lists */
const SHOWN = 20;

/**
 * @param changes complete
 * @param trial of those changes
 * @returns null: it is written at once
 */
export async function gateOf(
  tools: ControlTools,
  moment: Moment,
  { action, changes }: { readonly action: string; readonly changes: RowChanges },
  trial: Trial,
): Promise<Gate | null> {
  if (moment.writer.subject === null || moment.point === null) return null;
  const radius = blastRadiusOf(moment.point.snapshot.catalog.settings);
  // `as`: the keys of a literal of tables.
  if (radius === null || (Object.keys(changes) as (keyof RowChanges)[]).every((table) => isUntouched(changes, table))) return null;
  const access = await trial.access();
  if (access === undefined) return null;
  const after = await trial.after();
  const reasons: GateReason[] = [];
  const add = (code: GateReason['code'], message: string): void => {
    reasons.push({ code, message });
  };
  const gained = radius.sensitive.filter((name) => access.gained.has(name));
  if (gained.length > 0) add('sensitive_privilege', `it gives somebody ${listed(gained)}`);
  if (access.losers.size > 0 && radius.lostPercent < 100 && !isRevocation(action, changes)) {
    const { lost, of } = await countLosers(access.before, access.losers, moment.now);
    if (lost * 100 > radius.lostPercent * of)
      add('many_lose', `it takes access from ${lost} of ${of} active subjects: more than ${radius.lostPercent} %`);
  }
  if (!isUntouched(changes, 'settings') && isLoosened(radius, blastRadiusOf(after.snapshot.catalog.settings)))
    add('gate_loosened', 'it loosens the setting `blast_radius`');
  const claimed = await claimsGive(access.before, after, radius.sensitive);
  if (claimed.length > 0) add('claims_give', `it gives ${listed(claimed)} to whoever brings a claim`);
  if (radius.sensitive.length > 0 && issuersDiffer(access.before, after))
    add('issuer_changed', 'it changes who can speak for subjects: an issuer of tokens');
  if (reasons.length === 0) return null;
  return { reasons, gained: access.diff.gained, lost: access.diff.lost, diffHash: await diffHashOf(tools, trial) };
}

/** SHA-256 of who would gain and lose what. */
export async function diffHashOf({ preview }: Pick<ControlTools, 'preview'>, trial: Trial): Promise<string> {
  const { gained = 0, lost = 0, items = [] } = (await trial.access())?.diff ?? {};
  const text = canonicalJson({ gained, lost, items: items.map((item) => ({ ...item })) });
  return preview.sha256(new TextEncoder().encode(text));
}

function listed(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return (
    names
      .slice(0, SHOWN)
      .map((name) => `\`${name}\``)
      .join(', ') + more
  );
}

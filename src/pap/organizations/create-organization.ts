/** Use case: an organization is made from a preset. Root alone does this; the face sees to that. */

import { ORG_SCOPE } from '../../core/terms/ref.ts';
import { type PresetName, presets } from '../../presets/index.ts';
import { newId } from '../assignments/new-id.ts';
import type { ControlTools } from '../control-ports.ts';
import { exportManifest } from '../manifest/export/export.ts';
import { planChanges } from '../manifest/plan.ts';
import { presetRows } from '../manifest/preset.ts';
import { emptyTables } from '../manifest/tables.ts';
import type { OrganizationRecord, RowChanges, TableRows } from '../ports.ts';
import { type PresetPart, partsOf } from '../preset/parts.ts';
import { publisherUnavailable, type Writer } from '../write/moment.ts';
import { type PublishMode, publishWritten, type Written } from '../write/write.ts';

export interface WantedOrganization {
  readonly id: string;
  readonly name: string;
  readonly preset: PresetName;
  /** a subject, who gets `bitgate:owner` at `org` */
  readonly owner: string | null;
}

const OWNER_ROLE = 'bitgate:owner';

/** @throws BitgateError `organization_exists` (409), `publisher_unavailable` (503): nothing is written then */
export async function createOrganization(
  tools: ControlTools,
  writer: Writer,
  wanted: WantedOrganization,
  mode: PublishMode,
): Promise<Written<OrganizationRecord>> {
  await tools.publisher.pointer().catch((error: unknown) => {
    throw publisherUnavailable(error);
  });
  const now = tools.now();
  const record = { id: wanted.id, name: wanted.name, preset: wanted.preset, createdAt: now };
  const audit = {
    actor: writer.actor,
    requestId: writer.requestId,
    action: 'organization.create',
    target: `organization:${wanted.id}`,
    before: null,
    after: JSON.stringify(wanted),
  };
  const rows = presetRows(presets[wanted.preset], () => newId('asg_', tools));
  const { revision } = await tools.organizations.create(record, firstChanges(tools, rows, wanted.owner), audit, now, givenBy(rows));
  return { value: record, changed: true, revision, published: await publishWritten(tools, revision, mode) };
}

function firstChanges(tools: ControlTools, rows: TableRows, owner: string | null): RowChanges {
  return planChanges(emptyTables(), owner === null ? rows : withOwner(rows, owner, () => newId('asg_', tools))).changes;
}

/** What the preset leaves to the organization: an upgrade tells by it what was edited or deleted since. */
function givenBy(rows: TableRows): PresetPart[] {
  return partsOf(exportManifest(rows)).map(({ kind, key, hash }) => ({ kind, key, hash }));
}

function withOwner(rows: TableRows, owner: string, makeId: () => string): TableRows {
  const role = rows.roles.find(({ name, system }) => system === 1 && name === OWNER_ROLE);
  if (role === undefined) throw new Error('the preset has no role of owners');
  const assignment = { id: makeId(), principal: owner, role: role.id, policy: null, scope: ORG_SCOPE, not_before: null, expires_at: null };
  return {
    ...rows,
    subjects: [...rows.subjects, { subject: owner, status: 'active', properties: '{}' }],
    assignments: [...rows.assignments, assignment],
  };
}

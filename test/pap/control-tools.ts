/** The control plane's tools on real D1, KV and Durable Object, for one organization, without a face: as root. */
import { env } from 'cloudflare:workers';
import { Manifest } from '../../src/core/snapshot/manifest.ts';
import type { ControlTools } from '../../src/pap/control-ports.ts';
import { catalogOf, PieceDecisionPoint } from '../../src/pap/preview/preview-point.ts';
import type { Moment, Writer } from '../../src/pap/write/moment.ts';
import { d1AuditLog } from '../../src/storage/d1/audit.ts';
import { d1BundleLookup } from '../../src/storage/d1/bundles-lookup.ts';
import { d1ChangeFeed } from '../../src/storage/d1/change-feed.ts';
import { d1Companions } from '../../src/storage/d1/companions.ts';
import { d1ConfigurationLookup } from '../../src/storage/d1/configuration-lookup.ts';
import { d1GroupLookup } from '../../src/storage/d1/group-lookup.ts';
import { d1History } from '../../src/storage/d1/history.ts';
import { d1Imports } from '../../src/storage/d1/imports.ts';
import { d1InvitationLookup } from '../../src/storage/d1/invitation-lookup.ts';
import { d1KeyLookup } from '../../src/storage/d1/key-lookup.ts';
import { d1Lookup } from '../../src/storage/d1/lookup.ts';
import { d1MemberLookup } from '../../src/storage/d1/member-lookup.ts';
import { d1OrganizationLife } from '../../src/storage/d1/organization-life.ts';
import { createOrganization, getOrganization, listOrganizations } from '../../src/storage/d1/organizations.ts';
import { d1PresetParts } from '../../src/storage/d1/preset-parts.ts';
import { d1ProjectLookup } from '../../src/storage/d1/projects-lookup.ts';
import { d1ProposalLookup } from '../../src/storage/d1/proposals.ts';
import { d1ResourceLookup } from '../../src/storage/d1/resource-lookup.ts';
import { d1RightsLookup } from '../../src/storage/d1/rights-lookup.ts';
import { d1RowReader } from '../../src/storage/d1/row-reader.ts';
import { d1RowWriter } from '../../src/storage/d1/row-writer.ts';
import { d1SubjectLookup } from '../../src/storage/d1/subject-lookup.ts';
import { kvBlobStore } from '../../src/storage/kv/blob-store.ts';
import { previewSource } from '../../src/storage/preview-source.ts';
import { publisherHandle } from '../../src/storage/publisher-handle.ts';
import { publisherPort } from '../../src/storage/publisher-port.ts';

export const ROOT_WRITER: Writer = { actor: 'root', subject: null, requestId: 'req-1' };

type Namespace = Parameters<typeof publisherPort>[0] & Parameters<typeof publisherHandle>[0];

/** @param queries how many were sent to that database */
export function controlTools(organization: string, db: D1Database = env.DB, queries: () => number = () => 0): ControlTools {
  // `as`: the stub's methods are those of the Publisher, which the binding's own type doesn't say.
  const namespace = env.PUBLISHER as unknown as Namespace;
  const port = publisherPort(namespace, organization);
  const preview = previewSource(db, organization, kvBlobStore(env.KV, organization), port);
  return {
    organization,
    organizations: {
      create: (record, changes, audit, now, parts) => createOrganization(db, record, changes, audit, now, parts),
      list: (page) => listOrganizations(db, page),
      get: (id) => getOrganization(db, id),
    },
    life: d1OrganizationLife(db, organization),
    feed: d1ChangeFeed(db, organization),
    keys: d1KeyLookup(db, organization),
    reader: d1RowReader(db, organization),
    writer: d1RowWriter(db, organization),
    presetParts: d1PresetParts(db, organization),
    lookup: d1Lookup(db, organization),
    members: d1MemberLookup(db, organization),
    invitations: d1InvitationLookup(db, organization),
    proposals: d1ProposalLookup(db, organization),
    imports: d1Imports(db, organization),
    groups: d1GroupLookup(db, organization),
    subjects: d1SubjectLookup(db, organization),
    resources: d1ResourceLookup(db, organization),
    configuration: d1ConfigurationLookup(db, organization),
    bundles: d1BundleLookup(db, organization),
    projects: d1ProjectLookup(db, organization),
    audit: d1AuditLog(db, organization),
    history: d1History(db, organization),
    publisher: publisherHandle(namespace, organization),
    rights: d1RightsLookup(db, organization),
    companions: d1Companions(db, organization),
    preview,
    async open() {
      const manifest = await publishedManifest(organization);
      return new PieceDecisionPoint(manifest, await catalogOf(manifest, preview, undefined), preview, undefined);
    },
    queries,
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    fill: (bytes) => {
      crypto.getRandomValues(bytes);
    },
    later: () => {},
  };
}

/** The manifest that the pointer names now. */
export async function publishedManifest(organization: string): Promise<Manifest> {
  const port = publisherPort(env.PUBLISHER as unknown as Namespace, organization);
  const pointer = await port.pointer();
  const bytes = pointer === null ? null : await port.blob(pointer.manifest);
  if (bytes === null) throw new Error(`\`${organization}\` was never published`);
  return new Manifest(new Uint8Array(bytes));
}

/** Publishes and opens: the moment that a write by root would be decided at. */
export async function momentOf(tools: ControlTools): Promise<Moment> {
  await tools.publisher.publish();
  const point = await tools.open(0);
  return { writer: ROOT_WRITER, now: tools.now(), revision: point.revision, point };
}

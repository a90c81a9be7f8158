/** Composition root: puts the parts together, once per isolate, and hands each request to its face. Nothing imports it. */
import { Callers } from './authn/callers.ts';
import { BitgateError } from './core/terms/problem.ts';
import { type Configuration, type Env, parseEnv } from './env.ts';
import { adminFace } from './http/admin/routes.ts';
import type { OrganizationTools } from './http/admin/services.ts';
import { FreshLimit } from './http/check/fresh-limit.ts';
import { checkFace } from './http/check/routes.ts';
import { Cursors } from './http/common/cursor.ts';
import { errorReply, notFound } from './http/common/errors.ts';
import { pathOf } from './http/common/query.ts';
import { requestIdOf } from './http/common/request-id.ts';
import { healthz, opsFace } from './http/ops/routes.ts';
import type { OrganizationStore } from './pap/control-ports.ts';
import { Pdp } from './pdp/pdp.ts';
import type { RequestLife } from './pdp/ports.ts';
import { d1AuditLog } from './storage/d1/audit.ts';
import { d1Companions } from './storage/d1/companions.ts';
import { d1Lookup } from './storage/d1/lookup.ts';
import { createOrganization, getOrganization, listOrganizations } from './storage/d1/organizations.ts';
import { d1PresetParts } from './storage/d1/preset-parts.ts';
import { behind } from './storage/d1/published.ts';
import { d1RightsLookup } from './storage/d1/rights-lookup.ts';
import { d1RowReader } from './storage/d1/row-reader.ts';
import { d1RowWriter } from './storage/d1/row-writer.ts';
import { kvBlobStore } from './storage/kv/blob-store.ts';
import { locationCache } from './storage/location-cache.ts';
import { previewSource } from './storage/preview-source.ts';
import { publisherHandle } from './storage/publisher-handle.ts';
import { publisherPort } from './storage/publisher-port.ts';
import { sha256Hex } from './storage/sha256.ts';

export { Publisher } from './storage/publisher/publisher.ts';

type Answer = (request: Request, context: ExecutionContext) => Response | Promise<Response>;

/** Values of this isolate: configuration, caches, faces. Nothing in it belongs to a request. */
let answer: Answer | undefined;

export default {
  fetch(request, env, context): Response | Promise<Response> {
    answer ??= compose(env);
    return answer(request, context);
  },

  /** The sweep: publishes what SQL typed by hand or a lost call left behind. One organization that fails keeps no other from it. */
  async scheduled(_controller, env): Promise<void> {
    for (const { org } of await behind(env.DB)) {
      try {
        await publisherHandle(env.PUBLISHER, org).publish();
      } catch (error) {
        console.error({ event: 'sweep_failed', organization: org, message: error instanceof Error ? error.message : typeof error });
      }
    }
  },
} satisfies ExportedHandler<Env>;

function compose(env: Env): Answer {
  const parsed = parseEnv(env);
  const configured = 'problem' in parsed ? notConfigured(parsed.problem) : faces(env, parsed.configuration);
  return (request, context) => {
    const path = pathOf(request.url);
    return path === '/healthz' ? healthz(request) : configured(request, path, context);
  };
}

type Faces = (request: Request, path: string, context: ExecutionContext) => Response | Promise<Response>;

function notConfigured(problem: string): Faces {
  return (request) => errorReply(new BitgateError('not_configured', 503, `bitgate is not configured: ${problem}`), requestIdOf(request));
}

function faces(env: Env, { rootToken, signingKey, adminHost }: Configuration): Faces {
  const now = (): number => Date.now();
  const pdp = new Pdp(
    (organization) => ({
      publisher: publisherPort(env.PUBLISHER, organization),
      blobs: kvBlobStore(env.KV, organization),
      location: locationCache(organization),
    }),
    { now, random: Math.random, sleep, sha256: (bytes) => sha256Hex(new Uint8Array(bytes)) },
  );
  const gate = { pdp, callers: new Callers(rootToken), now };
  const check = checkFace({ ...gate, freshLimit: new FreshLimit() });
  const ops = opsFace({ pdp, behind: () => behind(env.DB), askKv: () => env.KV.get('ready') });
  const admin = adminFace({
    ...gate,
    organizations: organizationStore(env.DB),
    cursors: new Cursors(signingKey),
    toolsOf: (organization) => organizationTools(env, organization),
    organizationsBehind: async () => (await behind(env.DB)).map(({ org }) => org),
    fill,
  });
  const isAdmin = (request: Request, path: string): boolean =>
    (path === '/admin' || path.startsWith('/admin/')) && (adminHost === null || new URL(request.url).hostname === adminHost);

  return (request, path, context) => {
    const life: RequestLife = context;
    return (
      check(request, path, life) ??
      ops(request, path, life) ??
      (isAdmin(request, path) ? admin.fetch(request, env, context) : errorReply(notFound(), requestIdOf(request)))
    );
  };
}

function organizationStore(db: D1Database): OrganizationStore {
  return {
    create: (record, changes, audit, now, parts) => createOrganization(db, record, changes, audit, now, parts),
    list: (page) => listOrganizations(db, page),
    get: (id) => getOrganization(db, id),
  };
}

function organizationTools(env: Env, organization: string): OrganizationTools {
  return {
    organization,
    organizations: organizationStore(env.DB),
    reader: d1RowReader(env.DB, organization),
    writer: d1RowWriter(env.DB, organization),
    presetParts: d1PresetParts(env.DB, organization),
    lookup: d1Lookup(env.DB, organization),
    audit: d1AuditLog(env.DB, organization),
    rights: d1RightsLookup(env.DB, organization),
    companions: d1Companions(env.DB, organization),
    publisher: publisherHandle(env.PUBLISHER, organization),
    preview: previewSource(env.DB, organization, kvBlobStore(env.KV, organization), publisherPort(env.PUBLISHER, organization)),
    now: () => Date.now(),
    sleep,
    fill,
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function fill(bytes: Uint8Array): void {
  crypto.getRandomValues(bytes);
}

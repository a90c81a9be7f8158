/** Composition root: puts the parts together, once per isolate, and hands each request to its face. Nothing imports it. */
import { Callers } from './authn/callers.ts';
import { KeyUses, NOTED_EVERY_MS } from './authn/key-uses.ts';
import { Tokens } from './authn/tokens.ts';
import { BitgateError } from './core/terms/problem.ts';
import { type Configuration, type Env, parseEnv } from './env.ts';
import { adminFace, OPERATIONS } from './http/admin/routes.ts';
import type { OrganizationTools } from './http/admin/services.ts';
import { AUTHZEN_OPERATIONS } from './http/authzen/operations.ts';
import { authzenFace } from './http/authzen/routes.ts';
import { BITMAP_OPERATIONS } from './http/bitmap/operations.ts';
import { bitmapFace } from './http/bitmap/routes.ts';
import { CHECK_OPERATIONS } from './http/check/operations.ts';
import { checkFace } from './http/check/routes.ts';
import { FreshLimit } from './http/common/checks/fresh-limit.ts';
import { Cursors } from './http/common/cursor.ts';
import { errorReply, notFound } from './http/common/errors.ts';
import { RateLimits } from './http/common/limits/rate-limits.ts';
import type { ListServices } from './http/common/list-pages.ts';
import { pathOf } from './http/common/query.ts';
import { requestIdOf } from './http/common/request-id.ts';
import { Signer } from './http/common/signing.ts';
import { DOCS_OPERATIONS } from './http/docs/operations.ts';
import { docsFace } from './http/docs/routes.ts';
import { FORWARD_AUTH_OPERATIONS } from './http/forward-auth/operations.ts';
import { forwardAuthFace } from './http/forward-auth/routes.ts';
import { LIST_OPERATIONS } from './http/list/operations.ts';
import { listFace } from './http/list/routes.ts';
import { OPS_OPERATIONS } from './http/ops/operations.ts';
import { healthz, opsFace } from './http/ops/routes.ts';
import type { OrganizationStore } from './pap/control-ports.ts';
import { Pdp as DataPlane } from './pdp/pdp.ts';
import type { RequestLife } from './pdp/ports.ts';
import { PdpEntrypoint } from './rpc/pdp.ts';
import { d1AuditLog } from './storage/d1/audit.ts';
import { d1BundleLookup } from './storage/d1/bundles-lookup.ts';
import { d1ChangeFeed } from './storage/d1/change-feed.ts';
import { d1Companions } from './storage/d1/companions.ts';
import { d1ConfigurationLookup } from './storage/d1/configuration-lookup.ts';
import { countedDatabase } from './storage/d1/counted.ts';
import { d1GroupLookup } from './storage/d1/group-lookup.ts';
import { d1History } from './storage/d1/history.ts';
import { d1Imports } from './storage/d1/imports.ts';
import { d1InvitationLookup } from './storage/d1/invitation-lookup.ts';
import { d1KeyLookup, d1KeyUseStore } from './storage/d1/key-lookup.ts';
import { d1Lookup } from './storage/d1/lookup.ts';
import { d1MemberLookup } from './storage/d1/member-lookup.ts';
import { d1OrganizationLife, endedOrganizations } from './storage/d1/organization-life.ts';
import { createOrganization, getOrganization, listOrganizations } from './storage/d1/organizations.ts';
import { d1PresetParts } from './storage/d1/preset-parts.ts';
import { d1ProjectLookup } from './storage/d1/projects-lookup.ts';
import { d1ProposalLookup } from './storage/d1/proposals.ts';
import { behind } from './storage/d1/published.ts';
import { d1ResourceLookup } from './storage/d1/resource-lookup.ts';
import { d1RightsLookup } from './storage/d1/rights-lookup.ts';
import { d1RowReader } from './storage/d1/row-reader.ts';
import { d1RowWriter } from './storage/d1/row-writer.ts';
import { d1SubjectLookup } from './storage/d1/subject-lookup.ts';
import { kvBlobStore } from './storage/kv/blob-store.ts';
import { locationCache } from './storage/location-cache.ts';
import { previewSource } from './storage/preview-source.ts';
import { publisherHandle } from './storage/publisher-handle.ts';
import { publisherPort } from './storage/publisher-port.ts';
import { sha256Hex } from './storage/sha256.ts';

export { Publisher } from './storage/publisher/publisher.ts';

const INVITATIONS: ReadonlySet<string> = new Set(['/invitations/accept', '/invitations/decline']);

/** `wrangler deploy` makes it false (see wrangler.toml): then the bundler leaves out whatever only describes the API. Absent: true. */
declare const DESCRIBED: boolean | undefined;

type Answer = (request: Request, context: ExecutionContext) => Response | Promise<Response>;

/** Values of this isolate: configuration, caches, faces. Nothing in it belongs to a request. */
interface Isolate {
  readonly answer: Answer;
  /** what the faces ask with; throws a BitgateError where the Worker is not configured */
  readonly services: () => ListServices;
}

let isolate: Isolate | undefined;

function isolateOf(env: Env): Isolate {
  isolate ??= compose(env);
  return isolate;
}

export default {
  fetch(request, env, context): Response | Promise<Response> {
    return isolateOf(env).answer(request, context);
  },

  /** The sweep: publishes what SQL typed by hand or a lost call left behind, and deletes what deleted organizations left. */
  async scheduled(_controller, env): Promise<void> {
    for (const { org } of await behind(env.DB)) await trying(org, () => publisherHandle(env.PUBLISHER, org).publish());
    for (const org of await endedOrganizations(env.DB, SWEPT_AT_ONCE)) await trying(org, () => d1OrganizationLife(env.DB, org).sweep());
  },
} satisfies ExportedHandler<Env>;

/** For service bindings of other Workers: see `PdpEntrypoint`. */
export class Pdp extends PdpEntrypoint {
  constructor(context: ExecutionContext, env: Env) {
    super(context, env, () => isolateOf(env).services());
  }
}

/** some 50,000 rows each: one invocation must end */
const SWEPT_AT_ONCE = 2;

/** One organization that fails keeps no other from it. */
async function trying(organization: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error({ event: 'sweep_failed', organization, message: error instanceof Error ? error.message : typeof error });
  }
}

function compose(env: Env): Isolate {
  const parsed = parseEnv(env);
  if ('problem' in parsed) {
    const refusal = new BitgateError('not_configured', 503, `bitgate is not configured: ${parsed.problem}`);
    const refused: Faces = (request) => errorReply(refusal, requestIdOf(request));
    return {
      answer: inOrder(forwardAuthFace(null, env.FORWARD_AUTH_HOST || null), refused),
      services: () => {
        throw refusal;
      },
    };
  }
  const services = askingServices(env, parsed.configuration);
  const forwardAuth = forwardAuthFace(services, parsed.configuration.forwardAuthHost);
  return { answer: inOrder(forwardAuth, faces(env, parsed.configuration, services)), services: () => services };
}

type Faces = (request: Request, path: string, context: ExecutionContext) => Response | Promise<Response>;

/** Forward-auth first: a host may be for it alone, and what it is asked for is refused in its own way, whatever is wrong with the Worker. */
function inOrder(forwardAuth: ReturnType<typeof forwardAuthFace>, faces: Faces): Answer {
  return (request, context) => {
    const path = pathOf(request.url);
    return forwardAuth(request, path, context) ?? (path === '/healthz' ? healthz(request) : faces(request, path, context));
  };
}

function askingServices(env: Env, { rootToken, signingKeys }: Configuration): Services {
  const now = (): number => Date.now();
  const pdp = new DataPlane(
    (organization) => ({
      publisher: publisherPort(env.PUBLISHER, organization),
      blobs: kvBlobStore(env.KV, organization),
      location: locationCache(organization),
    }),
    { now, random: Math.random, sleep, sha256: (bytes) => sha256Hex(new Uint8Array(bytes)) },
  );
  const tokens = new Tokens({ fetch: (url, init) => fetch(url, init), now, sleep });
  const keyUses = new KeyUses(d1KeyUseStore(env.DB, NOTED_EVERY_MS), sleep);
  const rateLimits = new RateLimits(env.CALLER_LIMIT, now);
  const gate = { pdp, callers: new Callers(rootToken), tokens, keyUses, rateLimits, now };
  return { ...gate, freshLimit: new FreshLimit(), observers: [], cursors: new Cursors(signingKeys), signer: new Signer(signingKeys) };
}

type Services = ListServices & { readonly pdp: DataPlane; readonly signer: Signer };

function faces(env: Env, { adminHost, docs }: Configuration, services: Services): Faces {
  const { pdp } = services;
  const check = checkFace(services);
  const list = listFace(services);
  const authzen = authzenFace(services);
  const bitmap = bitmapFace(services);
  const ops = opsFace({ pdp, behind: () => behind(env.DB), askKv: () => env.KV.get('ready') });
  const description = typeof DESCRIBED === 'undefined' || DESCRIBED ? describing(docs, adminHost) : () => undefined;
  const admin = adminFace({
    ...services,
    organizations: organizationStore(env.DB),
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
      list(request, path, life) ??
      authzen(request, path, life) ??
      bitmap(request, path, life) ??
      ops(request, path, life) ??
      // Whoever is invited is no administrator: invitations are accepted at every host.
      (INVITATIONS.has(path) ? admin(request, life) : undefined) ??
      description(request, path) ??
      (isAdmin(request, path) ? admin(request, life) : errorReply(notFound(), requestIdOf(request)))
    );
  };
}

function describing(docs: boolean, adminHost: string | null): ReturnType<typeof docsFace> {
  const described = [
    ...CHECK_OPERATIONS,
    ...LIST_OPERATIONS,
    ...BITMAP_OPERATIONS,
    ...AUTHZEN_OPERATIONS,
    ...FORWARD_AUTH_OPERATIONS,
    ...OPERATIONS,
    ...OPS_OPERATIONS,
    ...DOCS_OPERATIONS,
  ];
  return docs ? docsFace(described, adminHost) : () => undefined;
}

function organizationStore(db: D1Database): OrganizationStore {
  return {
    create: (record, changes, audit, now, parts) => createOrganization(db, record, changes, audit, now, parts),
    list: (page) => listOrganizations(db, page),
    get: (id) => getOrganization(db, id),
  };
}

function organizationTools(env: Env, organization: string): OrganizationTools {
  const { db, queries } = countedDatabase(env.DB);
  return {
    organization,
    organizations: organizationStore(db),
    life: d1OrganizationLife(db, organization),
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
    feed: d1ChangeFeed(db, organization),
    keys: d1KeyLookup(db, organization),
    history: d1History(db, organization),
    rights: d1RightsLookup(db, organization),
    companions: d1Companions(db, organization),
    publisher: publisherHandle(env.PUBLISHER, organization),
    preview: previewSource(db, organization, kvBlobStore(env.KV, organization), publisherPort(env.PUBLISHER, organization)),
    queries,
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

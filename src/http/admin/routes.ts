/** The admin face: which address is which handler. Nothing is decided here. */
import { TrieRouter } from 'hono/router/trie-router';
import { getPath, tryDecodeURIComponent } from 'hono/utils/url';
import type { RequestLife } from '../../pdp/ports.ts';
import { errorReply, methodNotAllowed, notFound } from '../common/errors.ts';
import { adminCost } from '../common/limits/costs.ts';
import { requestIdOf } from '../common/request-id.ts';
import { tellWaits, type Waiting, waited } from '../common/waits.ts';
import { apiKeyRoutes } from './api-keys-routes.ts';
import { assignmentRoutes } from './assignments.ts';
import { batchRoutes } from './assignments-batch.ts';
import { auditRoutes } from './audit.ts';
import { changeRoutes } from './changes.ts';
import { forwardRouteRoutes } from './forward-routes.ts';
import { groupRoutes } from './groups.ts';
import { importRoutes } from './imports.ts';
import { responseRoutes } from './invitation-responses.ts';
import { invitationRoutes } from './invitations.ts';
import { manifestRoutes } from './manifest.ts';
import { manifestImportRoutes } from './manifest-import.ts';
import { memberRoutes } from './members.ts';
import { organizationRoutes } from './organizations.ts';
import { policyRoutes } from './policies.ts';
import { presetRoutes } from './preset.ts';
import { privilegeRoutes } from './privileges.ts';
import { projectRoutes } from './projects.ts';
import { proposalRoutes } from './proposals.ts';
import { proposedAnswer } from './proposals-wire.ts';
import { recompileRoutes } from './recompile.ts';
import { resourceRoutes } from './resources.ts';
import { revisionRoutes } from './revisions.ts';
import { roleRoutes } from './roles.ts';
import { described, type Route } from './route.ts';
import type { AdminServices, Asked, Handler } from './services.ts';
import { settingsRoutes } from './settings.ts';
import { subjectRoutes } from './subjects.ts';

const ROUTES: readonly Route[] = [
  ...organizationRoutes,
  ...presetRoutes,
  ...manifestRoutes,
  ...manifestImportRoutes,
  ...importRoutes,
  ...privilegeRoutes,
  ...policyRoutes,
  ...roleRoutes,
  ...projectRoutes,
  ...groupRoutes,
  ...subjectRoutes,
  ...resourceRoutes,
  ...memberRoutes,
  // before the assignments: `batch` would be an id there
  ...batchRoutes,
  ...assignmentRoutes,
  ...invitationRoutes,
  ...responseRoutes,
  ...apiKeyRoutes,
  ...forwardRouteRoutes,
  ...settingsRoutes,
  ...proposalRoutes,
  ...recompileRoutes,
  ...revisionRoutes,
  ...auditRoutes,
  ...changeRoutes,
];

/** Every operation, thing by thing. HEAD is answered as GET without a body. Whatever writes may have to be confirmed first. */
export const OPERATIONS: readonly Route[] = described(() =>
  ROUTES.map((route) => {
    const writes = route.query !== undefined && 'publish' in route.query.shape;
    return writes && !proposalRoutes.includes(route) ? { ...route, proposed: proposedAnswer } : route;
  }),
);

/** By method; HEAD is GET's. */
type Methods = Readonly<Record<string, Handler>>;

/** An address, and what its methods do. */
interface Place {
  readonly path: string;
  readonly methods: Methods;
}

function placesOf(operations: readonly Route[]): Place[] {
  const all: Record<string, Methods> = {};
  for (const { path, method, handler } of operations) all[path] = { ...all[path], [method]: handler };
  return Object.entries(all).map(([path, methods]) => ({ path, methods }));
}

export function adminFace(services: AdminServices): (request: Request, life: RequestLife) => Promise<Response> {
  // Not the `Hono` app around it: that is half as large again as all its routers, and does no more here than these lines.
  const router = new TrieRouter<Place>();
  for (const place of placesOf(ROUTES)) router.add(ANY, place.path, place);
  return async (request, life) => {
    const requestId = requestIdOf(request) ?? crypto.randomUUID();
    const waiting: Waiting = { services };
    try {
      const reply = await waited(waiting, 'total', answer({ services, request, requestId, life }, router));
      tellWaits(waiting, reply);
      return request.method === 'HEAD' ? new Response(null, reply) : reply;
    } catch (error) {
      return errorReply(services.counts, error, requestId);
    }
  };
}

const ANY = 'ALL';

function answer(asked: Omit<Asked, 'params' | 'units'>, router: TrieRouter<Place>): Promise<Response> {
  const { method: sent, url } = asked.request;
  // Where two addresses fit, the one that is declared first.
  const [found] = router.match(ANY, getPath(asked.request))[0];
  if (found === undefined) throw notFound();
  const [{ path, methods }, encoded] = found;
  const method = sent === 'HEAD' ? 'GET' : sent;
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (handler === undefined) throw methodNotAllowed(sent, Object.keys(methods).join(', '));
  const params = Object.fromEntries(Object.entries(encoded).map(([name, value]) => [name, tryDecodeURIComponent(value)]));
  return handler({ ...asked, params, units: adminCost(method, path, url) });
}

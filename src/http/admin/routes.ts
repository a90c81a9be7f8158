/** The admin face: which address is which handler. Nothing is decided here. */
import { type Context, Hono } from 'hono';
import { errorReply, methodNotAllowed, notFound } from '../common/errors.ts';
import { adminCost } from '../common/limits/costs.ts';
import { requestIdOf } from '../common/request-id.ts';
import { apiKeyRoutes } from './api-keys-routes.ts';
import { assignmentRoutes } from './assignments.ts';
import { batchRoutes } from './assignments-batch.ts';
import { auditRoutes } from './audit.ts';
import { changeRoutes } from './changes.ts';
import { forwardRouteRoutes } from './forward-routes.ts';
import { groupRoutes } from './groups.ts';
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
import type { Route } from './route.ts';
import type { AdminServices, Handler } from './services.ts';
import { settingsRoutes } from './settings.ts';
import { subjectRoutes } from './subjects.ts';

const ROUTES: readonly Route[] = [
  ...organizationRoutes,
  ...presetRoutes,
  ...manifestRoutes,
  ...manifestImportRoutes,
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
export const OPERATIONS: readonly Route[] = ROUTES.map((route) => {
  const writes = route.query !== undefined && 'publish' in route.query.shape;
  return writes && !proposalRoutes.includes(route) ? { ...route, proposed: proposedAnswer } : route;
});

function handlersByPath(): Readonly<Record<string, Readonly<Record<string, Handler>>>> {
  const all: Record<string, Record<string, Handler>> = {};
  for (const { path, method, handler } of OPERATIONS) all[path] = { ...all[path], [method]: handler };
  return all;
}

export function adminFace(services: AdminServices): Hono {
  const app = new Hono();
  for (const [path, methods] of Object.entries(handlersByPath())) {
    for (const [method, handler] of Object.entries(methods)) {
      const units = (context: Context): number => adminCost(method, path, context.req.url);
      app.on(method, path, (context) => handle(services, context, handler, units(context)));
    }
    const allowed = Object.keys(methods).join(', ');
    app.all(path, (context) => errorReply(methodNotAllowed(context.req.method, allowed), requestIdOf(context.req.raw)));
  }
  app.notFound((context) => errorReply(notFound(), requestIdOf(context.req.raw)));
  app.onError((error, context) => errorReply(error, requestIdOf(context.req.raw)));
  return app;
}

async function handle(services: AdminServices, context: Context, handler: Handler, units: number): Promise<Response> {
  const request = context.req.raw;
  const requestId = requestIdOf(request) ?? crypto.randomUUID();
  try {
    return await handler({ services, request, params: context.req.param(), requestId, units, life: context.executionCtx });
  } catch (error) {
    return errorReply(error, requestId);
  }
}

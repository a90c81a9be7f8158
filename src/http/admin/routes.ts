/** The admin face: which address is which handler. Nothing is decided here. */
import { type Context, Hono } from 'hono';
import { errorReply, methodNotAllowed, notFound } from '../common/errors.ts';
import { requestIdOf } from '../common/request-id.ts';
import { deleteApiKey, getApiKey, listApiKeys, patchApiKey, postApiKey, postRotation } from './api-keys.ts';
import { deleteAssignment, deleteAssignments, listAssignments, postAssignment } from './assignments.ts';
import { listAudit, verifyAuditChain } from './audit.ts';
import { manifestRoutes } from './manifest.ts';
import { manifestImportRoutes } from './manifest-import.ts';
import { getOrganization, listOrganizations, postOrganization } from './organizations.ts';
import { listPrivileges } from './privileges.ts';
import { postRecompile, postRecompileAll } from './recompile.ts';
import type { Route } from './route.ts';
import type { AdminServices, Handler } from './services.ts';

const ORG = '/admin/orgs/:org';

/** Addresses with their methods. HEAD is answered as GET without a body. */
const ROUTES: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/admin/orgs': { GET: listOrganizations, POST: postOrganization },
  '/admin/recompile': { POST: postRecompileAll },
  [ORG]: { GET: getOrganization },
  [`${ORG}/recompile`]: { POST: postRecompile },
  [`${ORG}/privileges`]: { GET: listPrivileges },
  [`${ORG}/projects/:project/privileges`]: { GET: listPrivileges },
  [`${ORG}/assignments`]: { GET: listAssignments, POST: postAssignment, DELETE: deleteAssignments },
  [`${ORG}/assignments/:id`]: { DELETE: deleteAssignment },
  [`${ORG}/audit`]: { GET: listAudit },
  [`${ORG}/audit/verify`]: { GET: verifyAuditChain },
  [`${ORG}/api-keys`]: { GET: listApiKeys, POST: postApiKey },
  [`${ORG}/api-keys/:id`]: { GET: getApiKey, PATCH: patchApiKey, DELETE: deleteApiKey },
  [`${ORG}/api-keys/:id/rotate`]: { POST: postRotation },
};

/** Every operation, thing by thing. */
export const OPERATIONS: readonly Route[] = [...manifestRoutes, ...manifestImportRoutes];

function handlersByPath(): Readonly<Record<string, Readonly<Record<string, Handler>>>> {
  const all: Record<string, Record<string, Handler>> = {};
  for (const [path, methods] of Object.entries(ROUTES)) all[path] = { ...methods };
  for (const { path, method, handler } of OPERATIONS) all[path] = { ...all[path], [method]: handler };
  return all;
}

export function adminFace(services: AdminServices): Hono {
  const app = new Hono();
  for (const [path, methods] of Object.entries(handlersByPath())) {
    for (const [method, handler] of Object.entries(methods)) app.on(method, path, (context) => handle(services, context, handler));
    const allowed = Object.keys(methods).join(', ');
    app.all(path, (context) => errorReply(methodNotAllowed(context.req.method, allowed), requestIdOf(context.req.raw)));
  }
  app.notFound((context) => errorReply(notFound(), requestIdOf(context.req.raw)));
  app.onError((error, context) => errorReply(error, requestIdOf(context.req.raw)));
  return app;
}

async function handle(services: AdminServices, context: Context, handler: Handler): Promise<Response> {
  const request = context.req.raw;
  const requestId = requestIdOf(request) ?? crypto.randomUUID();
  try {
    return await handler({ services, request, params: context.req.param(), requestId, life: context.executionCtx });
  } catch (error) {
    return errorReply(error, requestId);
  }
}

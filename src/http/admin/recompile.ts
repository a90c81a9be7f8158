/** `POST /admin/orgs/{org}/recompile`, `POST /admin/recompile`. */
import { BitgateError } from '../../core/terms/problem.ts';
import { recompile } from '../../pap/organizations/recompile.ts';
import { openMoment, requireRight } from '../../pap/write/moment.ts';
import { unknownOrganization } from '../common/organization.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { jsonReply } from '../common/reply.ts';
import { asAdministrator, asRoot, toolsFor } from './caller.ts';
import { recompileAllAnswer, recompileAnswer, recompileQuery, reportExample } from './recompile-wire.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';

export async function postRecompile(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const full = parseAs(recompileQuery, readQuery(asked.request.url), 'query').full === 'true';
  if ((await tools.organizations.get(tools.organization)) === null) throw unknownOrganization(tools.organization);
  // Publishing what changed is what deciding rights at the newest revision begins with: done first, so that the report tells of it.
  const report = full ? null : await recompile(tools, false);
  if (writer.subject !== null) await requireRight(await openMoment(tools, writer), 'bitgate:manage_settings', 'org');
  return jsonReply(200, report ?? (await recompile(tools, true)), asked.requestId);
}

/** One organization that can't be published keeps no other from it. */
export async function postRecompileAll(asked: Asked): Promise<Response> {
  await asRoot(asked);
  const full = parseAs(recompileQuery, readQuery(asked.request.url), 'query').full === 'true';
  const organizations: object[] = [];
  for (const organization of await asked.services.organizationsBehind()) {
    organizations.push({ organization, ...(await recompiled(asked, organization, full)) });
  }
  return jsonReply(200, { organizations }, asked.requestId);
}

async function recompiled(asked: Asked, organization: string, full: boolean): Promise<object> {
  try {
    return await recompile(toolsFor(asked, organization, { root: true }), full);
  } catch (error) {
    if (!(error instanceof BitgateError)) throw error;
    return { error: { code: error.code, message: error.message, details: error.details ?? {} } };
  }
}

const shared = described(() => ({ tag: 'publishing', query: recompileQuery }) as const);

export const recompileRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/admin/recompile',
    handler: postRecompileAll,
    ...described(() => ({
      ...shared,
      id: 'recompileAll',
      summary: 'Compile and publish every organization that is behind',
      answer: recompileAllAnswer,
      answerExample: { organizations: [{ organization: 'acme', ...reportExample }] },
    })),
  },
  {
    method: 'POST',
    path: `${ORG}/recompile`,
    handler: postRecompile,
    ...described(() => ({
      ...shared,
      id: 'recompile',
      summary: 'Compile and publish what changed since the last publish',
      answer: recompileAnswer,
      answerExample: reportExample,
    })),
  },
];

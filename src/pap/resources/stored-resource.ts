/** One registered resource, and what every use case of resources begins with. */
import { BitgateError } from '../../core/terms/problem.ts';
import { ORG_SCOPE, PROJECT_TYPE, parseRef } from '../../core/terms/ref.ts';
import { isScope } from '../assignments/wanted.ts';
import type { ControlTools } from '../control-ports.ts';
import { quote } from '../manifest/problems.ts';
import { type Moment, requireRight } from '../write/moment.ts';
import { thereIsNo } from '../write/refusals.ts';
import type { PlacedResource, ResourceLookup } from './ports.ts';

export const MANAGE_RESOURCES = 'bitgate:manage_resources';

/** @throws BitgateError `unknown_resource` (404) */
export async function findResource(lookup: ResourceLookup, resource: string): Promise<PlacedResource> {
  const found = isResource(resource) ? await lookup.resource(resource) : null;
  if (found === null) throw thereIsNo('resource', resource);
  return found;
}

/** For writing: the right at the resource first, since who may not write there is not told what there is. */
export async function resourceToChange({ resources }: ControlTools, moment: Moment, resource: string): Promise<PlacedResource> {
  await requireRight(moment, MANAGE_RESOURCES, isResource(resource) ? resource : ORG_SCOPE);
  return findResource(resources, resource);
}

/** @throws BitgateError `project_resource` (409) */
export function refuseProject(resource: string, verb: 'made' | 'deleted'): void {
  if (parseRef(resource).type !== PROJECT_TYPE) return;
  throw new BitgateError('project_resource', 409, `${quote(resource)} is a project: it is ${verb} under \`projects\``);
}

export function isResource(text: string): boolean {
  return text !== ORG_SCOPE && isScope(text);
}

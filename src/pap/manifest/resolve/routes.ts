/** `routes` → rows of `routes`, in the order of the document. */

import { canonicalJson } from '../../../core/sets/canonical-json.ts';
import { type Problems, quote } from '../problems.ts';
import type { RouteItem } from '../route-schema.ts';
import type { ManifestDocument } from '../schema.ts';
import type { Resolution } from './context.ts';

export function resolveRoutes(document: ManifestDocument, resolution: Resolution): void {
  for (const [position, item] of (document.routes ?? []).entries()) {
    resolution.tables.routes.push({ position, route: resolveRoute(item, `routes[${position}]`, resolution) });
  }
}

/** What the action of a route is looked up in. */
export interface RouteReferences {
  readonly problems: Problems;
  readonly privileges: { has(name: string): boolean };
}

/** As it is stored. */
export function resolveRoute(item: RouteItem, place: string, references: RouteReferences): string {
  checkRoute(item, place, references);
  const { hosts, methods, path, action, resource, parents } = item;
  return canonicalJson({
    hosts,
    methods,
    path,
    action,
    ...(resource === undefined ? {} : { resource }),
    ...(parents?.length ? { parents } : {}),
  });
}

/** The names under which the action of a route may stand in the catalog. */
export function actionNames({ action, resource }: RouteItem): string[] {
  return resource === undefined ? [action] : [action, `${resource.split(':', 1)[0] ?? ''}:${action}`];
}

/** `dataset:{id}` stands for a resource; each `{name}` must be a `:name` of the path. */
function checkRoute(item: RouteItem, path: string, { problems, privileges }: RouteReferences): void {
  const parameters = new Set(item.path.split('/').flatMap((segment) => (/^:\w+$/.test(segment) ? [segment.slice(1)] : [])));
  const templates: [string, string][] = (item.parents ?? []).map((parent, i) => [parent, `${path}.parents[${i}]`]);
  if (item.resource !== undefined) templates.push([item.resource, `${path}.resource`]);
  for (const [template, place] of templates) {
    if (!/^[^:{}]+:./s.test(template))
      problems.add('invalid_reference', place, `${quote(template)} is not of the form \`type:{parameter}\``);
    for (const [, name] of template.matchAll(/\{([^{}]*)\}/g)) {
      if (!parameters.has(name ?? ''))
        problems.add('unknown_parameter', place, `the path has no parameter \`:${(name ?? '').slice(0, 80)}\``);
    }
  }
  if (!actionNames(item).some((name) => privileges.has(name))) {
    problems.add('unknown_privilege', `${path}.action`, `the catalog has no privilege ${quote(item.action)}`);
  }
}

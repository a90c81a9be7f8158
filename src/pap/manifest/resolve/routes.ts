/** `routes` → rows of `routes`, in the order of the document. */

import { canonicalJson } from '../../../core/sets/canonical-json.ts';
import { type Route, routeFaults } from '../../../core/terms/route.ts';
import { type Problems, quote } from '../problems.ts';
import type { RouteItem } from '../route-schema.ts';
import type { ManifestDocument } from '../schema.ts';
import type { Resolution } from './context.ts';
import { checkOrder } from './route-order.ts';

export function resolveRoutes(document: ManifestDocument, resolution: Resolution): void {
  const items = document.routes ?? [];
  const place = (position: number): string => `routes[${position}]`;
  items.forEach((item, position) => {
    resolution.tables.routes.push({ position, route: resolveRoute(item, place(position), resolution) });
  });
  checkOrder(items.map(sound), place, resolution.problems);
}

/** What the action of a route is looked up in. */
export interface RouteReferences {
  readonly problems: Problems;
  readonly privileges: { has(name: string): boolean };
}

/** As it is stored. */
export function resolveRoute(item: RouteItem, place: string, { problems, privileges }: RouteReferences): string {
  for (const { code, at, message } of routeFaults(item)) problems.add(code, `${place}.${at}`, message);
  if (!actionNames(item).some((name) => privileges.has(name))) {
    problems.add('unknown_privilege', `${place}.action`, `the catalog has no privilege ${quote(item.action)}`);
  }
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

/** What is refused already takes nothing from others. */
export function sound(item: RouteItem): Route | undefined {
  return routeFaults(item).length === 0 ? item : undefined;
}

/**
 * One entry of the route map of forward-auth: which question is asked for which request. Written, compiled and matched by this one grammar. Methods are a
 * closed list, so that an unknown one is refused when written, not let through when asked (SEC-45); HEAD counts as GET.
 */
import type { Json } from './json.ts';
import { LIMITS } from './limits.ts';
import { isHostPattern } from './route-host.ts';
import { parametersOf, pathFault } from './route-path.ts';
import { namesIn, readTemplate } from './route-template.ts';

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'] as const;

const KNOWN: ReadonlySet<unknown> = new Set(METHODS);

export interface Route {
  readonly hosts: readonly string[];
  readonly methods: readonly string[];
  readonly path: string;
  readonly action: string;
  readonly resource?: string | undefined;
  readonly parents?: readonly string[] | undefined;
}

export interface RouteFault {
  readonly code: string;
  /** which part of the route: `hosts[0]` … */
  readonly at: string;
  readonly message: string;
}

/** As a request has it, undefined for one that there isn't: HEAD is GET. */
export function methodOf(method: string): string | undefined {
  if (method === 'HEAD') return 'GET';
  return KNOWN.has(method) ? method : undefined;
}

/** As rows and snapshots hold it: undefined for what is no route. */
export function readRoute(value: Json | undefined): Route | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { hosts, methods, path, action, resource, parents } = value as { readonly [key: string]: Json | undefined }; // an object, as just asked
  const route = {
    hosts,
    methods,
    path,
    action,
    ...(resource === undefined ? {} : { resource }),
    ...(parents === undefined ? {} : { parents }),
  };
  return isShaped(route) && routeFaults(route).length === 0 ? route : undefined;
}

function isShaped(route: { readonly [key in keyof Route]?: unknown }): route is Route {
  const { hosts, methods, path, action, resource, parents } = route;
  return (
    isTexts(hosts) &&
    hosts.length > 0 &&
    isTexts(methods) &&
    methods.length > 0 &&
    methods.every((method) => KNOWN.has(method)) &&
    typeof path === 'string' &&
    typeof action === 'string' &&
    (resource === undefined || typeof resource === 'string') &&
    (parents === undefined || isTexts(parents))
  );
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** Everything that is wrong with a route of the right shape. */
export function routeFaults(route: Route): RouteFault[] {
  const { hosts, methods, path } = route;
  const faults: RouteFault[] = [];
  if (hosts.length > LIMITS.routeHosts)
    faults.push({ code: 'too_many_hosts', at: 'hosts', message: `a route has at most ${LIMITS.routeHosts} hosts` });
  hosts.forEach((host, i) => {
    if (!isHostPattern(host))
      faults.push({
        code: 'invalid_host',
        at: `hosts[${i}]`,
        message: `${quote(host)} is no host: expected a name in lower case without port, \`*.\` and a name, or \`*\``,
      });
  });
  if (methods.includes('HEAD') && !methods.includes('GET'))
    faults.push({ code: 'head_without_get', at: 'methods', message: 'HEAD counts as GET: name `GET` too' });
  const fault = pathFault(path);
  if (fault !== undefined) faults.push({ code: 'invalid_path', at: 'path', message: fault });
  faults.push(...templateFaults(route));
  return faults;
}

function templateFaults({ path, resource, parents = [] }: Route): RouteFault[] {
  const known = new Set(parametersOf(path));
  const templates: [string, string][] = parents.map((parent, i) => [parent, `parents[${i}]`]);
  if (resource !== undefined) templates.push([resource, 'resource']);
  const faults = templates.flatMap(([text, at]): RouteFault[] => {
    const template = readTemplate(text);
    if (template === undefined) {
      const message = `${quote(text)} is not of the form \`type:{parameter}\`, with a \`/\` between two parameters`;
      return [{ code: 'invalid_reference', at, message }];
    }
    const unknown = namesIn(template).filter((name) => !known.has(name));
    return unknown.map((name) => ({ code: 'unknown_parameter', at, message: `the path has no parameter ${quote(`:${name}`)}` }));
  });
  if (resource === undefined && parents.length > 0)
    faults.push({ code: 'parents_without_resource', at: 'parents', message: 'parents are those of a resource: name `resource` too' });
  if (parents.length > LIMITS.ancestorDepth)
    faults.push({ code: 'too_many_parents', at: 'parents', message: `a route has at most ${LIMITS.ancestorDepth} parents` });
  return faults;
}

function quote(text: string): string {
  return `\`${text.length > 80 ? `${text.slice(0, 80)}…` : text}\``;
}

/** One operation of the admin face: what its description says, and who handles it. */
import type { Operation } from '../common/operation.ts';
import type { Handler } from './services.ts';

export interface Route extends Operation {
  readonly handler: Handler;
}

export const ORG = '/admin/orgs/:org';
export const PROJECT = `${ORG}/projects/:project`;

/** Of a build without descriptions: see `DESCRIBED` in wrangler.toml. Absent: true. */
declare const DESCRIBED: boolean | undefined;

/**
 * What an operation says of itself, beside what handles it. A build without descriptions leaves it out: the bundler drops calls of a function that
 * does nothing, with what stands in them. Nothing that answers a request may read it.
 */
export function described<T>(make: () => T): T {
  if (typeof DESCRIBED === 'undefined' || DESCRIBED) return make();
  // `as`: who reads operations is left out, too
  return undefined as unknown as T;
}

/** One operation of the admin face: what its description says, and who handles it. */
import type { Operation } from '../common/operation.ts';
import type { Handler } from './services.ts';

export { described } from '../../core/terms/lazy.ts';

export interface Route extends Operation {
  readonly handler: Handler;
}

export const ORG = '/admin/orgs/:org';
export const PROJECT = `${ORG}/projects/:project`;

/** One operation of the admin face: its address, who handles it, and what its description says. Examples are checked by the schemas they stand beside. */
import type { z } from 'zod';
import type { Handler } from './services.ts';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** parameters as `:name`: `/admin/orgs/:org/roles/:role` */
  readonly path: string;
  readonly handler: Handler;
  /** unique, stable, camel case: clients are generated from it. At project level it ends in `InProject` */
  readonly id: string;
  /** one line, without final period */
  readonly summary: string;
  /** the thing it is about, in the plural: `roles` */
  readonly tag: string;
  readonly description?: string;
  /** the very schema that the handler parses its query with; absent: it takes none */
  readonly query?: z.ZodObject;
  /** the very schema that the handler parses its body with */
  readonly body?: z.ZodType;
  readonly bodyExample?: unknown;
  /** of success; absent: 200 */
  readonly status?: 200 | 201;
  /** of success */
  readonly answer: z.ZodType;
  readonly answerExample: unknown;
}

export const ORG = '/admin/orgs/:org';
export const PROJECT = `${ORG}/projects/:project`;

/** One operation as the description of the API tells it. Examples are checked by the schemas they stand beside. */
import type * as z from 'zod';

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** parameters as `:name`: `/admin/orgs/:org/roles/:role` */
  readonly path: string;
  /** unique, stable, camel case: clients are generated from it. At project level it ends in `InProject` */
  readonly id: string;
  /** one line, without final period */
  readonly summary: string;
  /** the thing it is about, in the plural: `roles` */
  readonly tag: string;
  readonly description?: string;
  /** anybody may ask, without credentials */
  readonly open?: boolean;
  /** the very schema that the handler parses its query with; absent: it takes none */
  readonly query?: z.ZodObject;
  /** needed where a parameter is */
  readonly queryExample?: Readonly<Record<string, string>>;
  /** the only ones that it reads, beside `authorization`; absent: `x-request-id` */
  readonly headers?: z.ZodObject;
  /** the very schema that the handler parses its body with */
  readonly body?: z.ZodType;
  readonly bodyExample?: unknown;
  /** media types; absent: JSON alone */
  readonly bodyTypes?: readonly string[];
  /** of success; absent: 200 */
  readonly status?: 200 | 201;
  /** further statuses whose answer has the same form */
  readonly alsoStatus?: readonly number[];
  /** answers 304, without a body, to `If-None-Match` with the `ETag` that it gave */
  readonly revalidates?: boolean;
  /** refusals that others of its method don't have: 410 what was dropped, 413 what would change too much, 422 what is understood and refused */
  readonly alsoRefuses?: readonly (410 | 413 | 422)[];
  /** the only refusals that it has, whatever others of its method have */
  readonly refuses?: readonly (401 | 403)[];
  /** what is answered, with 202, when it has to be confirmed first; absent: it never has */
  readonly proposed?: z.ZodType;
  /** of success */
  readonly answer: z.ZodType;
  readonly answerExample: unknown;
  /** media types; absent: JSON alone; none: there is no body */
  readonly answerTypes?: readonly string[];
}

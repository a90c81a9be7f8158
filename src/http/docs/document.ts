/** The description of the API, OpenAPI 3.1, made of the very schemas that validate. */
import * as z from 'zod';
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import type { Operation } from '../common/operation.ts';
import { organizationId } from '../common/organization.ts';
import { refusalsOf } from './refusals.ts';

export type Document = ReturnType<typeof createDocument>;

const JSON_MEDIA = 'application/json';

/** of the package */
export const VERSION = '0.1.0';

/** What the parts of an address are; others are ids or names of the thing before them. */
const PATH_PARTS: Readonly<Record<string, z.ZodType>> = {
  org: organizationId.meta({ description: 'id of the organization' }),
  project: z.string().min(1).meta({ description: 'id of the project' }),
};

const requestId = z
  .string()
  .optional()
  .meta({ param: { id: 'RequestId' }, description: 'echoed, and kept in the audit; a new one is made when none is sent' });

const headers = z.object({ 'x-request-id': requestId });

const revalidating = headers.extend({
  'if-none-match': z.string().optional().meta({ description: 'the `ETag` of what the caller has' }),
});

/** `/a/:b` as OpenAPI writes it: `/a/{b}`. */
export function templateOf(path: string): string {
  return path.replace(/:([A-Za-z_]+)/g, '{$1}');
}

/** The names in `/a/:b`. */
export function partsOf(path: string): readonly string[] {
  return [...path.matchAll(/:([A-Za-z_]+)/g)].map(([, name = '']) => name);
}

/** @param operations of all faces, each address and method once */
export function describeApi(operations: readonly Operation[]): Document {
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations) {
    const path = templateOf(operation.path);
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: operationObject(operation) };
  }
  const document: ZodOpenApiObject = {
    openapi: '3.1.1',
    info: {
      title: 'bitgate',
      version: VERSION,
      description: 'Edge policy decision point: who may do what on which resource, and the administration of that.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { key: [] }, { user: [] }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'an API key of the organization, or the root token' },
        key: {
          type: 'http',
          scheme: 'basic',
          description: 'the same API key: as user what stands between `bg_` and its secret, as password its secret',
        },
        user: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'a token of an end user, by an issuer in the settings of the organization that the address names: only at `/orgs/{org}/…`',
        },
      },
    },
  };
  return createDocument(document, { allowEmptySchema: { custom: true } });
}

function operationObject(operation: Operation): ZodOpenApiOperationObject {
  const { id, summary, description, tag, open, query, queryExample, body, bodyExample, bodyTypes = [JSON_MEDIA], path } = operation;
  const parts = partsOf(path);
  return {
    operationId: id,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [tag],
    ...(open ? { security: [] } : {}),
    requestParams: {
      ...(parts.length === 0 ? {} : { path: z.object(Object.fromEntries(parts.map((part) => [part, partSchema(part)]))) }),
      ...(query === undefined ? {} : { query: withExamples(query, queryExample) }),
      header: operation.headers ?? (operation.revalidates ? revalidating : headers),
    },
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf(bodyTypes, body, bodyExample) } }),
    responses: { ...successes(operation), ...refusalsOf(operation) },
  };
}

function partSchema(name: string): z.ZodType {
  return (
    PATH_PARTS[name] ??
    z
      .string()
      .min(1)
      .meta({ description: `\`${name}\`, as lists show it` })
  );
}

/** A parameter's example stands beside it. */
function withExamples(query: z.ZodObject, example: Readonly<Record<string, string>> = {}): z.ZodObject {
  const shape = Object.entries(query.shape).map(([name, schema]) => {
    const value = example[name];
    // zod types the members of a shape as its core does; each is a schema of its classic face
    return [name, value === undefined ? schema : (schema as z.ZodType).meta({ param: { example: value } })];
  });
  return z.object(Object.fromEntries(shape));
}

/** The first success carries the example. */
function successes(operation: Operation): ZodOpenApiResponsesObject {
  const { status = 200, answer, answerExample, answerTypes = [JSON_MEDIA], query, proposed } = operation;
  const content = contentOf(answerTypes, answer, answerExample);
  const also = new Set(operation.alsoStatus);
  if (status === 201) also.add(200);
  if (query !== undefined && 'publish' in query.shape) also.add(202);
  also.delete(status);
  const responses: ZodOpenApiResponsesObject = { [status]: { description: DESCRIPTIONS[status] ?? '', content } };
  for (const each of also) responses[`${each as 200}`] = { description: DESCRIPTIONS[each] ?? '', content };
  if (operation.revalidates) responses['304'] = { description: 'it is as the caller has it' };
  if (proposed !== undefined) {
    const schema = z.union([answer, proposed]);
    responses['202'] = { description: PROPOSED, content: { [JSON_MEDIA]: { schema } } };
  }
  return responses;
}

const PROPOSED =
  'it is written, and its publish was not waited for; or a second administrator has to confirm it, and nothing is written yet';

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  200: 'it is so',
  201: 'it was made',
  202: 'it is written, and its publish was not waited for',
  503: 'not ready',
};

function contentOf(types: readonly string[], schema: z.ZodType, example: unknown) {
  const entry = example === undefined ? { schema } : { schema, example };
  return Object.fromEntries(types.map((type) => [type, entry]));
}

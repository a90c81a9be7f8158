/** What the page shows of the document, with the references in it followed. */
import type { Document } from './document.ts';

/** A JSON Schema, as far as a reader is told of it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly default?: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly place: string;
  readonly required: boolean;
  readonly description: string;
  readonly schema: Schema;
  readonly example: unknown;
}

interface Content {
  readonly types: readonly string[];
  readonly schema: Schema;
  readonly example: unknown;
}

export interface Described {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  readonly open: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: Content | null;
  /** one per form, with the statuses that it comes with */
  readonly answers: readonly (Content & { readonly statuses: string })[];
  readonly refusals: readonly { readonly status: string; readonly description: string }[];
}

type Json = Readonly<Record<string, unknown>>;

/** Follows a reference into the document itself. */
export function followed<T extends object>(document: Document, value: T): T {
  const reference: unknown = '$ref' in value ? value.$ref : undefined;
  if (typeof reference !== 'string') return value;
  let found: unknown = document;
  for (const key of reference.slice(2).split('/')) found = (found as Json)[key]; // references made by the library lead somewhere
  return followed(document, found as T);
}

/** Every operation in the order of the document. */
export function operationsOf(document: Document): readonly Described[] {
  return Object.entries(document.paths ?? {}).flatMap(
    ([path, methods]) => Object.entries(methods).map(([method, operation]) => described(document, path, method, operation as Json)), // a path holds operations alone
  );
}

function described(document: Document, path: string, method: string, operation: Json): Described {
  // the document's own form: OpenAPI's, as `describeApi` makes it
  const {
    operationId,
    summary,
    description = '',
    tags,
    security,
    parameters = [],
    requestBody,
    responses,
  } = operation as {
    operationId: string;
    summary: string;
    description?: string;
    tags: readonly string[];
    security?: readonly unknown[];
    parameters?: readonly Json[];
    requestBody?: Json;
    responses: Readonly<Record<string, Json>>;
  };
  const all = Object.entries(responses).map(([status, response]) => ({ status, response: followed(document, response) }));
  const refused = all.filter(({ response }) => isRefusal(response));
  const [first] = all.filter(({ response }) => !isRefusal(response));
  const statuses = all.filter(({ response }) => !isRefusal(response)).map(({ status }) => status);
  return {
    id: operationId,
    method: method.toUpperCase(),
    path,
    tag: tags[0] ?? '',
    summary,
    description,
    open: security?.length === 0,
    parameters: parameters.map((parameter) => parameterOf(followed(document, parameter))),
    body: requestBody === undefined ? null : contentOf(requestBody),
    answers:
      first === undefined || Object.keys(first.response.content ?? {}).length === 0
        ? []
        : [{ ...contentOf(first.response), statuses: statuses.join(', ') }],
    refusals: refused.map(({ status, response }) => ({ status, description: String(response.description) })),
  };
}

function isRefusal({ content }: Json): boolean {
  return JSON.stringify(content ?? {}).includes('"#/components/schemas/Error"');
}

function parameterOf(parameter: Json): Parameter {
  const {
    name,
    in: place,
    required = false,
    description = '',
    schema,
    example,
  } = parameter as {
    name: string;
    in: string;
    required?: boolean;
    description?: string;
    schema: Schema;
    example?: unknown;
  };
  return { name, place, required, description: description || (schema.description ?? ''), schema, example };
}

function contentOf(body: Json): Content {
  const entries = Object.entries(body.content as Readonly<Record<string, { schema: Schema; example?: unknown }>>);
  const [first] = entries;
  return { types: entries.map(([type]) => type), schema: first?.[1].schema ?? {}, example: first?.[1].example };
}

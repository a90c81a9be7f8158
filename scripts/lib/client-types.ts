/** A typed client of the API, written from its description: the types of every operation, and the one function that asks. */

/** A JSON Schema, as far as a type can say it. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>>;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas?: Readonly<Record<string, Schema>> };
}

const JSON_MEDIA = 'application/json';

/** @returns the text of one TypeScript module without imports */
export function clientSource({ paths, components }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return `/** Generated from /openapi.json. */
export interface Schemas {
${Object.entries(components.schemas ?? {})
  .map(([name, schema]) => `  ${JSON.stringify(name)}: ${typeOf(schema)};`)
  .join('\n')}
}

export interface Operations {
${operations.map(({ operation }) => operationType(operation)).join('\n')}
}

export const OPERATIONS = {
${operations.map(({ path, method, operation }) => `  ${operation.operationId}: { method: ${JSON.stringify(method)}, path: ${JSON.stringify(path)} },`).join('\n')}
} as const satisfies Record<keyof Operations, { method: string; path: string }>;

type Asked<Id extends keyof Operations> = Omit<Operations[Id], 'answer'>;

/** @throws what the API answers to what it refuses */
export async function ask<Id extends keyof Operations>(origin: string, token: string, id: Id, asked: Asked<Id>): Promise<Operations[Id]['answer']> {
  const { method, path } = OPERATIONS[id];
  const { params = {}, query = {}, body } = asked as { params?: Record<string, string>; query?: Record<string, string>; body?: unknown };
  const address = path.replace(/\\{([^}]+)\\}/g, (_whole, name: string) => encodeURIComponent(params[name] ?? ''));
  const response = await fetch(\`\${origin}\${address}?\${new URLSearchParams(query)}\`, {
    method,
    headers: { authorization: \`Bearer \${token}\`, ...(body === undefined ? {} : { 'content-type': '${JSON_MEDIA}' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw answer;
  return answer as Operations[Id]['answer'];
}
`;
}

function operationType({ operationId, summary, parameters = [], requestBody, responses }: Operation): string {
  const body = requestBody?.content[JSON_MEDIA];
  const success = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1].content?.[JSON_MEDIA];
  return `  /** ${summary} */
  ${operationId}: {
${parametersType(
  'params',
  parameters.filter((each) => each.in === 'path'),
)}${parametersType(
  'query',
  parameters.filter((each) => each.in === 'query'),
)}${body === undefined ? '' : `    body: ${typeOf(body.schema)};\n`}    answer: ${success === undefined ? 'string' : typeOf(success.schema)};
  };`;
}

function parametersType(name: string, parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return '';
  const optional = parameters.some(({ required }) => required === true) ? '' : '?';
  const members = parameters.map((each) => `${JSON.stringify(each.name)}${each.required === true ? '' : '?'}: ${typeOf(each.schema)}`);
  return `    ${name}${optional}: { ${members.join('; ')} };\n`;
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return `Schemas[${JSON.stringify(schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1))}]`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ') || 'never';
  const either = schema.anyOf ?? schema.oneOf;
  if (either !== undefined) return `(${either.map(typeOf).join(' | ')})`;
  if (schema.allOf !== undefined) return `(${schema.allOf.map(typeOf).join(' & ')})`;
  if (Array.isArray(schema.type)) return `(${schema.type.map((type) => typeOf({ ...schema, type })).join(' | ')})`;
  if (schema.type === 'array') return `(${schema.items === undefined ? 'unknown' : typeOf(schema.items)})[]`;
  if (schema.type === 'object') return objectType(schema);
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  return schema.type === 'string' || schema.type === 'boolean' || schema.type === 'null' ? schema.type : 'unknown';
}

function objectType({ properties, required = [], additionalProperties }: Schema): string {
  if (properties === undefined) {
    return `{ [key: string]: ${typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown'} }`;
  }
  const members = Object.entries(properties).map(
    ([name, schema]) => `${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  );
  return `{ ${members.join('; ')} }`;
}

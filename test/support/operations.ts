/** Every operation of every face, and the proof that an answer is what the description of its operation says. */
import { OPERATIONS } from '../../src/http/admin/routes.ts';
import { AUTHZEN_OPERATIONS } from '../../src/http/authzen/operations.ts';
import { BITMAP_OPERATIONS } from '../../src/http/bitmap/operations.ts';
import { CHECK_OPERATIONS } from '../../src/http/check/operations.ts';
import { errorAnswer } from '../../src/http/common/error-wire.ts';
import type { Operation } from '../../src/http/common/operation.ts';
import { DOCS_OPERATIONS } from '../../src/http/docs/operations.ts';
import { refusalsOf } from '../../src/http/docs/refusals.ts';
import { FORWARD_AUTH_OPERATIONS } from '../../src/http/forward-auth/operations.ts';
import { LIST_OPERATIONS } from '../../src/http/list/operations.ts';
import { OPS_OPERATIONS } from '../../src/http/ops/operations.ts';

export const ALL_OPERATIONS: readonly Operation[] = [
  ...CHECK_OPERATIONS,
  ...LIST_OPERATIONS,
  ...AUTHZEN_OPERATIONS,
  ...BITMAP_OPERATIONS,
  ...FORWARD_AUTH_OPERATIONS,
  ...OPERATIONS,
  ...OPS_OPERATIONS,
  ...DOCS_OPERATIONS,
];

const TABLE = ALL_OPERATIONS.map((operation) => ({ operation, parts: operation.path.split('/') }))
  // of two that an address matches, the one that names more of it
  .sort((a, b) => namedParts(b.parts) - namedParts(a.parts));

function namedParts(parts: readonly string[]): number {
  return parts.filter((part) => !part.startsWith(':')).length;
}

/** As the Worker sees it. */
function pathOf(path: string): string {
  return new URL(path, 'https://bitgate.test').pathname;
}

/** @param path as it is asked, with its query */
export function operationOf(method: string, path: string): Operation | undefined {
  const asked = pathOf(path).split('/');
  const wanted = method === 'HEAD' ? 'GET' : method;
  const matching = TABLE.filter(
    ({ parts }) => parts.length === asked.length && parts.every((part, i) => (part.startsWith(':') ? asked[i] !== '' : part === asked[i])),
  );
  // An address that names more hides the other one, whatever its methods.
  const template = matching[0]?.operation.path;
  return matching.find(({ operation }) => operation.path === template && operation.method === wanted)?.operation;
}

interface Proved {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

/** @throws Error that says what of the answer the description doesn't */
export function proveAnswer(method: string, path: string, answer: Proved): void {
  const operation = operationOf(method, path);
  const said = `${method} ${path.slice(0, 200)}: ${answer.status} ${answer.text.slice(0, 500)}`;
  const succeeded = answer.status < 400 || operation?.alsoStatus?.includes(answer.status);
  if (succeeded && operation === undefined) throw new Error(`no operation describes this answer: ${said}`);
  if (method === 'HEAD') return;
  if (operation !== undefined && succeeded) {
    proveSuccess(operation, answer, said);
    return;
  }
  if (succeeded) return;
  const shape = errorAnswer.safeParse(answer.body);
  if (!shape.success) throw new Error(`not the one shape of errors: ${said}\n${shape.error.message}`);
  if (operation !== undefined && !(answer.status in refusalsOf(operation)))
    throw new Error(`a status that \`${operation.id}\` doesn't tell of: ${said}`);
}

function proveSuccess(
  { id, answer: schema, answerTypes = ['application/json'], status = 200, alsoStatus = [], query, proposed, revalidates }: Operation,
  answer: Proved,
  said: string,
): void {
  if (revalidates && answer.status === 304) {
    if (answer.text !== '') throw new Error(`a body where none may be: ${said}`);
    return;
  }
  const statuses = [status, 200, ...alsoStatus, ...(query !== undefined && 'publish' in query.shape ? [202] : [])];
  if (!statuses.includes(answer.status)) throw new Error(`a status that \`${id}\` doesn't tell of: ${said}`);
  if (answerTypes.length === 0) {
    if (answer.text !== '') throw new Error(`a body where none may be: ${said}`);
    return;
  }
  const type = (answer.headers.get('content-type') ?? '').replace(/;.*$/s, '');
  if (!answerTypes.includes(type)) throw new Error(`a media type that \`${id}\` doesn't tell of: \`${type}\`: ${said}`);
  if (type !== 'application/json') return;
  if (answer.status === 202 && proposed?.safeParse(answer.body).success) return;
  const result = schema.safeParse(answer.body);
  if (!result.success) throw new Error(`not what \`${id}\` tells of: ${said}\n${result.error.message}`);
}

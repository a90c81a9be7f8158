/** What each kind of operation may be refused with: one shape, by status. */
import type { ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi';
import { errorAnswer } from '../common/error-wire.ts';
import type { Operation } from '../common/operation.ts';

function refusal(id: string, description: string, code: string, message: string, details: object = {}): ZodOpenApiResponseObject {
  const example = { error: { code, message, details } };
  return { id, description, content: { 'application/json': { schema: errorAnswer, example } } };
}

const problem = { code: 'invalid_value', message: 'expected a string', path: 'subject' };

const MALFORMED = refusal(
  'Malformed',
  'not understood; every bad field is named',
  'invalid_query',
  'the query is not valid: `limit`: expected a whole number from 1',
  {
    problems: [{ code: 'invalid_value', message: 'expected a whole number from 1', path: 'limit' }],
  },
);
const UNAUTHENTICATED = refusal('Unauthenticated', 'no valid credentials', 'invalid_credentials', 'the credentials are not valid');
const FORBIDDEN = refusal('Forbidden', 'the caller may not', 'missing_privilege', 'the caller needs `bitgate:manage_members` at `org`', {
  privilege: 'bitgate:manage_members',
  scope: 'org',
});
const ABSENT = refusal('Absent', 'there is no such thing', 'not_found', 'there is no role `Viewer`');
const CONFLICT = refusal('Conflict', 'what is there is against it', 'role_exists', 'there is a role `Viewer` already');
const CHANGED = refusal(
  'Changed',
  'it was changed since it was read',
  'changed_meanwhile',
  'it was changed since you read it: read it again, then decide again',
  {
    etag: '"d2a84f4b8b650937ec8f73cd8be2c74a"',
  },
);
const GONE = refusal(
  'Gone',
  'it was there and is over, or not kept any more',
  'changes_pruned',
  'the log begins after revision 40: read everything anew',
  {
    oldest_after: 40,
    revision: 42,
  },
);
const TOO_LARGE = refusal(
  'TooLarge',
  'the body is too large, or what it would change is',
  'body_too_large',
  'a body must not be larger than 1048576 bytes here',
  {
    limit_bytes: 1_048_576,
  },
);
const MEDIA_TYPE = refusal(
  'MediaType',
  'the body is of another type',
  'unsupported_media_type',
  'send the body with `content-type: application/json`',
);
const REFUSED = refusal(
  'Refused',
  'understood and refused; every bad field is named',
  'invalid_assignment',
  'the assignment is not valid: `subject`: expected a string',
  {
    problems: [problem],
  },
);
const TOO_MANY = refusal(
  'TooMany',
  'too often, or too much: `retry-after` says when to ask again',
  'rate_limited',
  'this caller asks more than one caller may: wait, then ask less often',
  {
    retry_after_s: 10,
  },
);
const UNAVAILABLE = refusal('Unavailable', 'not now: try again', 'stale', 'revision 43 is not published', { reason: 'stale' });

/** Its text knows no 415. */
const AUTHZEN = 'authzen';

/** What was typed into the database by hand may be nothing that these can show: then they say so. */
const READS_STORED = /\/(?:settings|manifest|export)$/;

/** They write nothing, whatever their method. */
const ASKING: ReadonlySet<string> = new Set(['checks', 'lists', AUTHZEN]);

/** By status; what an operation says of a status itself goes before. */
export function refusalsOf({
  method,
  open,
  path,
  tag,
  body,
  alsoStatus = [],
  alsoRefuses = [],
  refuses,
}: Operation): ZodOpenApiResponsesObject {
  const responds = path.startsWith('/invitations/');
  const asks = ASKING.has(tag);
  const writes = method !== 'GET' && !asks;
  const refusals: Record<number, ZodOpenApiResponseObject | false> = {
    400: !open && MALFORMED,
    401: !open && UNAUTHENTICATED,
    403: !open && FORBIDDEN,
    404: (!open || path.includes(':')) && ABSENT,
    409: (writes || READS_STORED.test(path)) && CONFLICT,
    410: (responds || alsoRefuses.includes(410)) && GONE,
    412: writes && CHANGED,
    413: (writes || body !== undefined || alsoRefuses.includes(413)) && TOO_LARGE,
    415: body !== undefined && tag !== AUTHZEN && MEDIA_TYPE,
    422: (writes || alsoRefuses.includes(422)) && REFUSED,
    429: !open && TOO_MANY,
    503: !alsoStatus.includes(503) && UNAVAILABLE,
  };
  const responses: ZodOpenApiResponsesObject = {};
  for (const [status, response] of Object.entries(refusals)) {
    // the keys are statuses, which the type of the library spells out one by one
    if (response !== false && (refuses === undefined || refuses.some((each) => `${each}` === status)))
      responses[status as '400'] = response;
  }
  return responses;
}

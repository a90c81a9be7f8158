/**
 * `/admin/orgs/{org}/changes`: what changed, in order. As JSON, at once or when there is something; as server-sent events while they come.
 * It needs `bitgate:audit`: it tells of rows of every kind, keys and settings too, and who changed them.
 */
import { LIMITS } from '../../core/terms/limits.ts';
import { changesAfter, somethingAfter } from '../../pap/changes/follow.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { baseHeaders, jsonReply } from '../common/reply.ts';
import { asAdministrator, requireToRead } from './caller.ts';
import { changeBody, changesAnswer, changesBody, changesExample, changesQuery, revisionNumber } from './changes-wire.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';

const EVENT_STREAM = 'text/event-stream';
/** then the client comes again: what one invocation may ask is limited, and a new Worker gets its turn */
const STREAM_MS = 60_000;
/** proxies cut a connection on which nothing moves */
const HEARTBEAT_MS = 15_000;
const RETRY_MS = 1_000;

export async function getChanges(asked: Asked): Promise<Response> {
  const administration = await asAdministrator(asked);
  const authorize = async (): Promise<void> => void (await requireToRead(administration, 'bitgate:audit', 'org'));
  await authorize();
  const { request, requestId } = asked;
  const { after = 0, limit = LIMITS.pageDefault, wait_ms: waitMs = 0 } = parseAs(changesQuery, readQuery(request.url), 'query');
  const { tools } = administration;
  if (wantsEvents(request)) return streamReply(asked, { tools, authorize }, resumedFrom(request) ?? after);
  const page = await changesAfter(tools, after, limit);
  const comes = page.items.length === 0 && waitMs > 0 && (await somethingAfter(tools, after, tools.now() + waitMs, request.signal));
  if (!comes) return jsonReply(200, changesBody(page, after), requestId);
  // Whoever lost the right while waiting is told nothing.
  await authorize();
  return jsonReply(200, changesBody(await changesAfter(tools, after, limit), after), requestId);
}

function wantsEvents(request: Request): boolean {
  const accepted = (request.headers.get('accept') ?? '').split(',').map((each) => each.split(';')[0]?.trim().toLowerCase());
  return accepted.includes(EVENT_STREAM);
}

/** A client that comes again says so, with the address that it first had: what it has seen counts. */
function resumedFrom(request: Request): number | null {
  const id = request.headers.get('last-event-id');
  return id === null || id === '' ? null : parseAs(revisionNumber, id, 'last_event_id');
}

interface Following {
  readonly tools: Parameters<typeof changesAfter>[0];
  authorize(): Promise<void>;
}

async function streamReply({ request, requestId }: Asked, { tools, authorize }: Following, start: number): Promise<Response> {
  let page = await changesAfter(tools, start, LIMITS.pageMax);
  const gone = new AbortController();
  request.signal.addEventListener('abort', () => gone.abort(), { once: true });
  const until = tools.now() + STREAM_MS;
  const text = new TextEncoder();
  let after = start;
  let begun = false;

  /** The next piece of text; null at the end. */
  async function next(): Promise<string | null> {
    if (page.items.length > 0) {
      const events = page.items.map((item) => `id: ${item.revision}\nevent: change\ndata: ${JSON.stringify(changeBody(item))}\n\n`);
      after = page.items.at(-1)?.revision ?? after;
      page = { ...page, items: [] };
      return events.join('');
    }
    if (tools.now() >= until) return null;
    if (!(await somethingAfter(tools, after, Math.min(until, tools.now() + HEARTBEAT_MS), gone.signal))) return ': heartbeat\n\n';
    await authorize();
    page = await changesAfter(tools, after, LIMITS.pageMax);
    return next();
  }

  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = begun ? await next().catch(() => null) : `retry: ${RETRY_MS}\n\n`;
        begun = true;
        if (gone.signal.aborted) return;
        if (piece === null) controller.close();
        else controller.enqueue(text.encode(piece));
      },
      cancel: () => gone.abort(),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: baseHeaders(requestId, EVENT_STREAM) });
}

export const changeRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: `${ORG}/changes`,
    handler: getChanges,
    ...described(() => ({
      id: 'listChanges',
      summary: 'What changed after a revision, in order',
      tag: 'changes',
      description:
        'With `wait_ms` the answer comes as soon as there is something, or empty when nothing came. With `Accept: text/event-stream` changes come ' +
        'as server-sent events (`id` is the revision, so that `Last-Event-ID` goes on where it was) for a minute, then the client comes again. ' +
        '`actor` and `request_id` stand at the last change of a write through the API: until there, changes belong together. ' +
        'When the log was pruned past `after` the answer is 410 `changes_pruned`: read everything anew. Needs `bitgate:audit`.',
      query: changesQuery,
      alsoRefuses: [410, 422],
      answer: changesAnswer,
      answerTypes: ['application/json', EVENT_STREAM],
      answerExample: changesExample,
    })),
  },
];

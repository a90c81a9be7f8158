/** `POST /list/scopes`: pages of one answer are of the revision and the time of its first, whatever is written meanwhile. */

import type { CheckOptions } from '../../core/terms/request.ts';
import type { Session } from '../../pdp/pdp.ts';
import { questionText, SCOPES_START, type ScopesFrom } from '../../pdp/scopes/question.ts';
import { scopesPage } from '../../pdp/scopes/scopes.ts';
import { sessionReply } from '../common/checks/answer.ts';
import { type Entry, optionsFor, sessionFor } from '../common/checks/entry.ts';
import type { Cursors } from '../common/cursor.ts';
import { type Asked, readAsked } from './asked.ts';
import { type AskedScopes, scopesSchema } from './scopes-wire.ts';

const COLUMNS = 4;

export async function scopes(asked: Asked, requestId: string | null): Promise<Response> {
  const { services, life } = asked;
  const { entry, body } = await readAsked(asked, scopesSchema);
  const { question, limit } = body;
  const options = await optionsFor(services, entry, question.subject.properties !== undefined);
  const { session, now, from, query } = await open(asked, entry, body, options);
  const { next, ...page } = await scopesPage(session, question, from, limit, now, options);
  const next_cursor = next === null ? null : await writeCursor(services.cursors, query, { revision: session.revision, now, from: next });
  if (next !== null) services.pdp.keep(session.snapshot.manifest.organization, session.revision, life);
  return sessionReply(session, JSON.stringify({ revision: session.revision, ...page, next_cursor }), requestId);
}

/** A page that is about to be read. */
interface Opened extends Pinned {
  readonly session: Session;
  /** what its cursors are bound to */
  readonly query: string;
}

/** What every page of an answer has in common, and where one begins. */
interface Pinned {
  /** ms since 1970 */
  readonly now: number;
  readonly from: ScopesFrom;
}

async function open(
  { services, named, life }: Asked,
  entry: Entry,
  { question, wanted, cursor }: AskedScopes,
  options: CheckOptions | undefined,
): Promise<Opened> {
  // Who asks is judged by the present, on every page.
  const session = await sessionFor(services, entry, cursor === undefined ? wanted : { org: wanted.org }, named, life);
  const { organization } = session.snapshot.manifest;
  const query = `scopes ${organization} ${questionText(question, options)}`;
  if (cursor === undefined) return { session, now: session.at ?? services.now(), from: SCOPES_START, query };
  const { revision, ...pinned } = await readCursor(services.cursors, query, cursor);
  return { session: session.revision === revision ? session : await services.pdp.openKept(organization, { revision }), ...pinned, query };
}

function writeCursor(cursors: Cursors, query: string, { revision, now, from }: Pinned & { readonly revision: number }): Promise<string> {
  return cursors.write(query, [String(revision), String(now), from.part, from.after ?? '']);
}

/** @throws BitgateError `invalid_cursor` (400) */
async function readCursor(cursors: Cursors, query: string, cursor: string): Promise<Pinned & { readonly revision: number }> {
  const [revision, now, part, after] = await cursors.read(query, cursor, COLUMNS);
  return { revision: Number(revision), now: Number(now), from: { part: part === 'rows' ? 'rows' : 'scopes', after: after || null } };
}

/** `POST /list/scopes`: its pages are pages of a list, whose place says in which part it is. */
import { LIST_START, type ListFrom } from '../../pdp/list/question.ts';
import { SCOPES_START, type ScopesFrom } from '../../pdp/scopes/question.ts';
import { scopesPage } from '../../pdp/scopes/scopes.ts';
import type { Asked } from '../common/checks/asked.ts';
import { cursorBehind, type ListServices } from '../common/list-pages.ts';
import { openAsked, pageReply } from './asked.ts';
import { scopesSchema } from './scopes-wire.ts';

export async function scopes(asked: Asked<ListServices>): Promise<Response> {
  const { question, limit, opened, options } = await openAsked(asked, scopesSchema);
  const { next, ...page } = await scopesPage(opened.session, question, placeOf(opened.from), limit, opened.now, options);
  const next_cursor = await cursorBehind(asked, opened, { next: next === null ? null : fromOf(next) });
  return pageReply(asked, opened, { ...page, next_cursor });
}

const ROWS = 'rows ';
const SCOPES = 'scopes ';

function fromOf({ part, after }: ScopesFrom): ListFrom {
  return { ...LIST_START, after: (part === 'rows' ? ROWS : SCOPES) + (after ?? '') };
}

function placeOf({ after }: ListFrom): ScopesFrom {
  if (after === null) return SCOPES_START;
  const rows = after.startsWith(ROWS);
  return { part: rows ? 'rows' : 'scopes', after: after.slice((rows ? ROWS : SCOPES).length) || null };
}

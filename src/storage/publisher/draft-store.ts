/** The compile under way, kept in the object's SQLite: an object that is stopped goes on with it when it wakes. */
import { FORMAT_VERSION } from '../../core/snapshot/sections.ts';
import type { Draft } from '../../pap/publish/draft.ts';

/** a row may have 2 MB */
const PART = 400_000;

export function readDraft(sql: SqlStorage): Draft | null {
  const parts = sql.exec<{ json: string }>('SELECT json FROM draft ORDER BY part').toArray();
  if (parts.length === 0) return null;
  // Written by `writeDraft` alone.
  const draft = JSON.parse(parts.map(({ json }) => json).join('')) as Draft;
  return draft.format === FORMAT_VERSION ? draft : null;
}

/** Belongs into a transaction. */
export function writeDraft(sql: SqlStorage, draft: Draft | null): void {
  sql.exec('DELETE FROM draft');
  if (draft === null) return;
  const json = JSON.stringify(draft);
  for (let at = 0; at < json.length; at += PART) sql.exec('INSERT INTO draft (part, json) VALUES (?, ?)', at, json.slice(at, at + PART));
}

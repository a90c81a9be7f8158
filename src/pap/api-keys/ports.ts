/** What the use cases of API keys look up beside the common lookup. */
import type { ApiKeyRow } from '../../core/terms/rows.ts';
import type { ListPage } from '../control-ports.ts';

/** A key, and whose it is. */
export interface OwnedKey extends ApiKeyRow {
  /** it goes with that member; null: nobody's */
  readonly owner: string | null;
}

/** A key as lists show it. */
export interface ListedKey extends OwnedKey {
  /** ms since 1970, give or take a minute; null: not since that is noted */
  readonly last_used_at: number | null;
}

export interface KeyFilter {
  /** that project's keys alone; undefined: all of the organization, those of projects too */
  readonly project?: string | undefined;
  /** a part of the name, whatever the case of ASCII letters; `''` is any */
  readonly search: string;
}

export interface KeyLookup {
  /** in order of id, `after` excluded */
  page(filter: KeyFilter, after: string, limit: number): Promise<ListPage<ListedKey>>;
  /** of keys that belong to a project: which. Others are left out */
  projectsOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** ms since 1970; null: not since that is noted */
  lastUse(id: string): Promise<number | null>;
}

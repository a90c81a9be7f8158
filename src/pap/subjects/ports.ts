/** What the use cases of subjects look up. Each method is one transaction. */
import type { SubjectRow } from '../../core/terms/rows.ts';
import type { ListPage } from '../control-ports.ts';
import type { PrincipalUse } from '../groups/ports.ts';

export interface SubjectFilter {
  readonly type?: string | undefined;
  readonly status?: 'active' | 'suspended' | undefined;
  /** a part of `type:id`, whatever the case of ASCII letters; `''` is any */
  readonly search: string;
}

export interface SubjectLookup {
  /** in order of `type:id`, `after` excluded */
  list(filter: SubjectFilter, after: string, limit: number): Promise<ListPage<SubjectRow>>;
  subject(subject: string): Promise<SubjectRow | null>;
  /** @param limit of each kind, the first so many */
  use(subject: string, limit: number): Promise<PrincipalUse>;
}

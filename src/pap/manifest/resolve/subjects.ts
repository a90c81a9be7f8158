/** `subjects` → rows of `subjects`; and whoever anything else names is registered, as the database itself would. */
import { GROUP_TYPE } from '../../../core/terms/ref.ts';
import type { SubjectRow } from '../../../core/terms/rows.ts';
import { type Problems, quote } from '../problems.ts';
import type { ManifestDocument, SubjectItem } from '../schema.ts';
import { isKeySubject, KEY_SUBJECT_PREFIX } from '../tables.ts';
import type { Resolution } from './context.ts';
import { resolveProperties } from './properties.ts';
import { referenceOf } from './resources.ts';

/** Null when it can't be one. */
export function resolveSubject(item: SubjectItem, path: string, problems: Problems): SubjectRow | null {
  const subject = referenceOf(item.type, item.id, `${path}.id`, { problems });
  const properties = resolveProperties(item.properties, `${path}.properties`, problems);
  if (subject === null) return null;
  if (item.type !== GROUP_TYPE) return { subject, status: item.status ?? 'active', properties };
  problems.add('reserved_type', `${path}.type`, 'a subject of type `group` holds nothing: groups are made as groups');
  return null;
}

export function resolveSubjects(document: ManifestDocument, resolution: Resolution): void {
  const { problems, tables } = resolution;
  const seen = new Set(tables.subjects.map((row) => row.subject));
  for (const [i, item] of (document.subjects ?? []).entries()) {
    const path = `subjects[${i}]`;
    const row = resolveSubject(item, path, problems);
    if (row === null) continue;
    if (isKeySubject(row.subject)) {
      problems.add('reserved_type', `${path}.type`, 'API keys lie outside a manifest: they are kept as they are');
    } else if (seen.has(row.subject)) {
      problems.add('duplicate_id', `${path}.id`, `the subject ${quote(row.subject)} is there twice`);
    } else {
      seen.add(row.subject);
      tables.subjects.push(row);
    }
  }
  const keys = resolution.kept.api_keys.map((row) => `${KEY_SUBJECT_PREFIX}${row.id}`);
  for (const subject of [...keys, ...resolution.named]) {
    if (seen.has(subject)) continue;
    seen.add(subject);
    tables.subjects.push({ subject, status: 'active', properties: '{}' });
  }
}

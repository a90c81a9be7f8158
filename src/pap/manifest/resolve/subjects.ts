/** `subjects` → rows of `subjects`; and whoever anything else names is registered, as the database itself would. */
import { GROUP_TYPE } from '../../../core/terms/ref.ts';
import { quote } from '../problems.ts';
import type { ManifestDocument } from '../schema.ts';
import { isKeySubject, KEY_SUBJECT_PREFIX } from '../tables.ts';
import type { Resolution } from './context.ts';
import { resolveProperties } from './properties.ts';
import { referenceOf } from './resources.ts';

export function resolveSubjects(document: ManifestDocument, resolution: Resolution): void {
  const { problems, tables } = resolution;
  const seen = new Set(tables.subjects.map((row) => row.subject));
  for (const [i, item] of (document.subjects ?? []).entries()) {
    const path = `subjects[${i}]`;
    const subject = referenceOf(item.type, item.id, `${path}.id`, resolution);
    if (subject === null) continue;
    if (item.type === GROUP_TYPE) {
      problems.add('reserved_type', `${path}.type`, 'a subject of type `group` holds nothing: groups are written under `groups`');
    } else if (isKeySubject(subject)) {
      problems.add('reserved_type', `${path}.type`, 'API keys lie outside a manifest: they are kept as they are');
    } else if (seen.has(subject)) {
      problems.add('duplicate_id', `${path}.id`, `the subject ${quote(subject)} is there twice`);
    } else {
      seen.add(subject);
      const properties = resolveProperties(item.properties, `${path}.properties`, problems);
      tables.subjects.push({ subject, status: item.status ?? 'active', properties });
    }
  }
  const keys = resolution.kept.api_keys.map((row) => `${KEY_SUBJECT_PREFIX}${row.id}`);
  for (const subject of [...keys, ...resolution.named]) {
    if (seen.has(subject)) continue;
    seen.add(subject);
    tables.subjects.push({ subject, status: 'active', properties: '{}' });
  }
}

/**
 * What a PATCH means: the organization as it is, exported, with the sections that the document holds in the place of its own. A section that is
 * missing is left alone. A project is a document within the document: one that isn't named is left alone, and of one that is named what isn't
 * said of it.
 */
import type { TableRows } from '../ports.ts';
import { exportManifest } from './export/export.ts';
import { Problems } from './problems.ts';
import { type ResolveOptions, resolveDocument } from './resolve/resolve.ts';
import type { ManifestDocument, ProjectItem } from './schema.ts';
import { readShape } from './shape.ts';

/**
 * @param value a parsed document, of any shape
 * @returns every row of the organization. Problems in what the document holds have the paths that they have there
 * @throws BitgateError `invalid_manifest` (422), `unreadable_rows` (409) when the organization can't be exported
 */
export function resolvePatch(value: unknown, options: ResolveOptions): TableRows {
  const problems = new Problems();
  const patch = readShape(value, problems);
  return resolveDocument(patched(everything(options.present), patch), options, problems);
}

/** The organization as a document, with those subjects too that something else names: their section may be the only one that stays. */
export function everything(present: TableRows): ManifestDocument {
  return exportManifest(present, { everySubject: true });
}

export function patched(present: ManifestDocument, patch: ManifestDocument): ManifestDocument {
  return {
    ...present,
    ...definedOnly(patch),
    catalog: { ...present.catalog, ...definedOnly(patch.catalog ?? {}) },
    projects: patchedProjects(present.projects ?? [], patch.projects ?? []),
  };
}

/** Those of the patch first, so that their paths are those of the document that was sent. */
function patchedProjects(present: readonly ProjectItem[], patch: readonly ProjectItem[]): ProjectItem[] {
  const known = new Map(present.map((project) => [project.id, project]));
  const named = new Set(patch.map(({ id }) => id));
  return [
    ...patch.map((project) => ({ ...known.get(project.id), ...definedOnly(project) })),
    ...present.filter(({ id }) => !named.has(id)),
  ];
}

function definedOnly<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T; // keys that are absent are optional
}

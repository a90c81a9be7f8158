/**
 * A manifest → the rows that the organization shall have. All or nothing: every problem of the document is collected, then one refusal
 * names them all. Pure: what is there comes in, ids of new assignments come from an argument.
 */
import type { TableRows } from '../../ports.ts';
import { Problems } from '../problems.ts';
import type { ManifestDocument } from '../schema.ts';
import { readShape } from '../shape.ts';
import { resolveAssignments } from './assignments.ts';
import { resolveBundles } from './bundles.ts';
import { resolveCatalog } from './catalog.ts';
import { type ResolveOptions, startResolution } from './context.ts';
import { resolveGroups } from './groups.ts';
import { checkKept } from './kept.ts';
import { resolveProjects, resolveResources } from './resources.ts';
import { resolveRoutes } from './routes.ts';
import { resolveSettings } from './settings.ts';
import { resolveSubjects } from './subjects.ts';
import { checkTexts } from './texts.ts';

export type { ResolveOptions } from './context.ts';

/**
 * @param value a parsed document, of any shape: what `parseManifest` returns
 * @returns every row of the organization, those that no manifest changes (system, keys) included; a missing section is empty
 * @throws BitgateError `invalid_manifest` (422); `details.problems` is sorted by path, each `{code, path, message}`, conditions
 * with `position`
 */
export function resolve(value: unknown, options: ResolveOptions): TableRows {
  const problems = new Problems();
  return resolveDocument(readShape(value, problems), options, problems);
}

/** Of a document whose shape was read already. @param problems found so far; thrown with those found here */
export function resolveDocument(document: ManifestDocument, options: ResolveOptions, problems: Problems): TableRows {
  const resolution = startResolution(options, problems);
  checkTexts(document, problems);
  resolveCatalog(document, resolution);
  resolveProjects(document, resolution);
  resolveBundles(document, resolution);
  resolveGroups(document, resolution);
  resolveResources(document, resolution);
  resolveAssignments(document, resolution);
  resolveSubjects(document, resolution);
  resolveRoutes(document, resolution);
  resolveSettings(document, resolution);
  checkKept(resolution);
  problems.throwIfAny();
  return resolution.tables;
}

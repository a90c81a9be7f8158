/** What another system knows of policies and roles → every row that the organization shall have, with a report. Pure. */
import type { TableRows } from '../../ports.ts';
import { everything } from '../patch.ts';
import { Problems } from '../problems.ts';
import { type ResolveOptions, resolveDocument } from '../resolve/resolve.ts';
import { importConfidentAi } from './confident-ai/confident-ai.ts';
import { type ImportContext, importContext } from './context.ts';
import { importDataHub } from './datahub/datahub.ts';
import { importDiffgram } from './diffgram/diffgram.ts';
import type { Imported } from './draft.ts';
import { merged } from './merge.ts';
import type { ImportReport } from './report.ts';

export const IMPORT_FORMATS = ['datahub', 'diffgram', 'confident-ai'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

export interface ImportOptions {
  readonly format: ImportFormat;
  /** refuses or denies what the other system is known to get wrong; false: as there */
  readonly strict: boolean;
}

/** @throws BitgateError `invalid_import` (422) */
export function readImport(value: unknown, context: ImportContext, { format, strict }: ImportOptions): Imported {
  switch (format) {
    case 'datahub':
      return importDataHub(value, context, strict);
    case 'diffgram':
      return importDiffgram(value, context);
    case 'confident-ai':
      return importConfidentAi(value, context);
  }
}

/**
 * @param value a parsed document of the other system
 * @throws BitgateError `invalid_import`, `invalid_manifest` (422), `unreadable_rows` (409)
 */
export function resolveImport(
  value: unknown,
  options: ResolveOptions,
  how: ImportOptions,
): { readonly tables: TableRows; readonly report: ImportReport } {
  const { document, report } = readImport(value, importContext(options.present), how);
  return { tables: resolveDocument(merged(everything(options.present), document), options, new Problems()), report };
}

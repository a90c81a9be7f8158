/** `/admin/orgs/{org}/manifest/import`: what DataHub, Diffgram or Confident AI know of policies and roles, laid over the organization. */
import { changeByManifest } from '../../pap/manifest/change.ts';
import { exportManifest } from '../../pap/manifest/export/export.ts';
import { resolveImport } from '../../pap/manifest/import/import.ts';
import type { ImportReport } from '../../pap/manifest/import/report.ts';
import type { TableRows } from '../../pap/ports.ts';
import { parseAs } from '../common/parse.ts';
import { readQuery } from '../common/query.ts';
import { asAdministrator } from './caller.ts';
import { preconditionOf } from './etag.ts';
import { readManifest } from './manifest.ts';
import { importAnswer, importAnswerExample, importBody, importExample, importQuery } from './manifest-wire.ts';
import { publishMode, writtenReply } from './reply.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';

export async function postImport(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = parseAs(importQuery, readQuery(asked.request.url), 'query');
  const value = await readManifest(asked);
  let report: ImportReport = { items: [], count: 0 };
  const written = await changeByManifest(
    tools,
    writer,
    {
      action: 'manifest.import',
      precondition: preconditionOf<TableRows>(asked, exportManifest),
      aim: (options) => {
        const imported = resolveImport(value, options, { format: query.format, strict: query.strict !== 'false' });
        report = imported.report;
        return imported.tables;
      },
    },
    publishMode(query),
  );
  const told = { report: report.items, report_count: report.count };
  return writtenReply(asked, written, query, 200, ({ plan }) => ({ dry_run: false, plan, ...told }));
}

export const manifestImportRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: `${ORG}/manifest/import`,
    handler: postImport,
    ...described(() => ({
      id: 'importManifest',
      summary: 'Import policies and roles of another system',
      tag: 'manifest',
      description:
        'What the import names is replaced, what it does not name stays. `report` says what was changed or has no counterpart. `strict=false` takes over the known faults of the other system too.',
      query: importQuery,
      queryExample: { format: 'datahub' },
      body: importBody,
      bodyTypes: ['application/json', 'application/yaml'],
      bodyExample: importExample,
      answer: importAnswer,
      answerExample: importAnswerExample,
    })),
  },
];

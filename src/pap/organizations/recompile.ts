/** Use case: compile and publish what changed since the last publish, or everything. */
import type { ControlTools, PublishReport } from '../control-ports.ts';
import { publisherUnavailable } from '../write/moment.ts';

/** @throws BitgateError `publisher_unavailable` (503) */
export async function recompile(tools: ControlTools, full: boolean): Promise<PublishReport> {
  let report: PublishReport;
  try {
    report = await tools.publisher.publish({ full });
  } catch (error) {
    throw publisherUnavailable(error);
  }
  // This isolate's next answer shows it; if it can't be opened now, freshness sees to it.
  await tools.open(report.revision).catch(() => undefined);
  return report;
}

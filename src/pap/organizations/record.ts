/** The moment of a write to the organization itself, with its record. */
import type { ControlTools } from '../control-ports.ts';
import type { OrganizationRecord } from '../ports.ts';
import { type Moment, openMoment, revisionMoved, type Writer } from '../write/moment.ts';

/** @throws BitgateError `unknown_organization` (404) */
export async function openRecord(
  tools: ControlTools,
  writer: Writer,
): Promise<{ readonly moment: Moment; readonly record: OrganizationRecord }> {
  const moment = await openMoment(tools, writer);
  const record = await tools.organizations.get(tools.organization);
  // It was there when the moment was opened: ask again, and be told that it is gone.
  if (record === null) throw revisionMoved();
  return { moment, record };
}

/** A world as lines for the import: everything that assignments need, then the assignments. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';

const BUFFERED = 1 << 16;

function* itemsOf(rows: OrganizationRows): Generator<object> {
  const names = new Map(rows.roles.map(({ id, name }) => [id, name]));
  const resource = (reference: string): { type: string; id: string } => {
    const colon = reference.indexOf(':');
    return { type: reference.slice(0, colon), id: reference.slice(colon + 1) };
  };
  const parents = new Map(rows.resource_parents.map(({ resource, parent }) => [resource, parent]));
  for (const { name } of rows.privileges) yield { kind: 'privilege', name };
  for (const { id, name, privileges } of rows.roles) yield { kind: 'role', id, name, privileges: JSON.parse(privileges) };
  for (const { id, name } of rows.groups) yield { kind: 'group', id, name };
  for (const each of rows.resources) {
    const { type, id } = resource(each.resource);
    if (type === 'project') {
      yield { kind: 'project', id };
      continue;
    }
    const parent = parents.get(each.resource);
    yield { kind: 'resource', type, id, access: each.access, ...(parent === undefined ? {} : { parents: [parent] }) };
  }
  for (const { subject } of rows.subjects) yield { kind: 'subject', ...resource(subject) };
  for (const { group_id, member } of [...rows.group_nesting, ...rows.memberships]) yield { kind: 'membership', group: group_id, member };
  for (const { principal, role, scope } of rows.assignments)
    yield { kind: 'assignment', subject: principal, role: names.get(role!), scope };
}

/** @returns how many lines */
export async function writeLines(rows: OrganizationRows, file: string): Promise<number> {
  const stream = createWriteStream(file);
  let lines = 0;
  let text = '';
  for (const item of itemsOf(rows)) {
    lines++;
    text += `${JSON.stringify(item)}\n`;
    if (text.length < BUFFERED) continue;
    if (!stream.write(text)) await once(stream, 'drain');
    text = '';
  }
  stream.end(text);
  await finished(stream);
  return lines;
}

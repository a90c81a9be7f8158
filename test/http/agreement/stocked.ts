/** Random worlds as organizations of the Worker: their rows in D1, published, with a key that may ask in every way. */
import { env } from 'cloudflare:workers';
import type { CheckRequest, Entity } from '../../../src/core/terms/request.ts';
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';
import { planChanges } from '../../../src/pap/manifest/plan.ts';
import { TABLE_NAMES } from '../../../src/pap/manifest/tables.ts';
import type { TableRows } from '../../../src/pap/ports.ts';
import { d1RowWriter } from '../../../src/storage/d1/row-writer.ts';
import { rowsOf } from '../../features/published.ts';
import { entityOf, requestOf, type World, worldFromSeed } from '../../properties/world.ts';
import { AUDIT } from '../../storage/d1/believable.ts';
import { tablesOf } from '../../support/table-rows.ts';
import { call, makeKey, makeOrganization } from '../client.ts';
import type { Stocked } from './face.ts';

const ASKS = ['bitgate:check', 'bitgate:list', 'bitgate:explain'];

/** so many resources have an unregistered one below them */
const BELOW = 3;

/**
 * @param bare without properties and context, so that whoever takes none of them can be asked everything
 * @param settingsOf what the settings hold beside those of the world
 */
export async function stock(seed: number, bare: boolean, settingsOf?: (rows: OrganizationRows) => object): Promise<Stocked> {
  const world = worldFromSeed(seed);
  const org = `world-${seed}-${bare ? 'bare' : 'full'}`;
  const assert = world.options.assert === true;
  await makeOrganization(org);
  const privileges = assert ? [...ASKS, 'bitgate:assert'] : ASKS;
  await call('POST', `/admin/orgs/${org}/roles`, { name: 'Asker', privileges });
  const { token } = await makeKey(org, ['Asker']);
  const settings = settingsOf?.(world.rows);
  await addRows(org, tablesOf(settings === undefined ? world.rows : withSettings(world.rows, settings)));
  const { body } = await call('POST', `/admin/orgs/${org}/recompile`);
  const rows = await rowsOf(org);
  return {
    org,
    token,
    at: '',
    options: { key: token },
    revision: body.revision,
    rows,
    questions: questionsOf(world, rows, bare),
    assert,
    now: world.now,
  };
}

function withSettings(rows: OrganizationRows, more: object): OrganizationRows {
  return { ...rows, settings: [{ settings: JSON.stringify({ ...JSON.parse(rows.settings[0]?.settings ?? '{}'), ...more }) }] };
}

async function addRows(org: string, added: TableRows): Promise<void> {
  const writer = d1RowWriter(env.DB, org);
  const { tables, revision } = await writer.load();
  const both = TABLE_NAMES.map((table) => [table, table === 'settings' ? added.settings : [...tables[table], ...added[table]]]);
  // `as`: each table with rows of its own
  const { changes } = planChanges(tables, Object.fromEntries(both) as TableRows);
  await writer.apply(revision, changes, AUDIT, 1);
}

/** As the world asks it, and everything that is registered as it is. */
function questionsOf(world: World, rows: OrganizationRows, bare: boolean): CheckRequest[] {
  const subjects = distinct([...world.subjects, ...rows.subjects.map(({ subject }) => entityOf(subject))], bare);
  const known = rows.resources.map(({ resource }) => resource);
  const resources = distinct([...world.resources, ...known.map((ref) => entityOf(ref)), ...unregistered(known)], bare);
  return subjects.flatMap((subject) =>
    resources.flatMap((resource) =>
      world.actions.map((action) => (bare ? plain(subject, action, resource) : requestOf(world, subject, action, resource))),
    ),
  );
}

/** Rows of an application that lie below something registered: what is granted there decides, conditions too. */
function unregistered(known: readonly string[]): Entity[] {
  return known.slice(0, BELOW).map((parent) => ({ type: 'doc', id: `below ${parent}`, properties: { parents: [parent], level: 2 } }));
}

function distinct<Item extends Entity | undefined>(entities: readonly Item[], bare: boolean): Item[] {
  // `as`: of something comes something
  const wanted = bare ? entities.map((each) => (each === undefined ? each : { type: each.type, id: each.id }) as Item) : entities;
  return [...new Map(wanted.map((each) => [JSON.stringify(each), each])).values()];
}

function plain(subject: Entity, name: string, resource: Entity | undefined): CheckRequest {
  return { subject, action: { name }, ...(resource === undefined ? {} : { resource }) };
}

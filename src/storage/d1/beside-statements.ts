/** Changes beside the model as SQL: invitations, whose keys are, what a preset gave, imports and proposals. Rows are one JSON parameter, as in `row-statements.ts`. */
import type { InvitationRow } from '../../pap/invitations/rows.ts';
import type { BesideChanges } from '../../pap/ports.ts';
import { importStatements } from './imports.ts';
import { partStatements } from './preset-parts.ts';
import { proposalStatements } from './proposals.ts';
import { jsonChunks } from './row-statements.ts';

/** bytes of one parameter; a bound string may have 2,000,000 */
const CHUNK_BYTES = 1_000_000;

/** Complete by type: a column added to the row doesn't compile until it is named here. */
const COLUMN_SET: { readonly [C in keyof InvitationRow]: true } = {
  id: true,
  scope: true,
  roles: true,
  email: true,
  subject: true,
  hash: true,
  retired: true,
  state: true,
  max_uses: true,
  accepted_by: true,
  inviter: true,
  created_at: true,
  expires_at: true,
};

// `as`: the keys of the literal above are the columns, which Object.keys forgets.
export const INVITATION_COLUMNS = Object.keys(COLUMN_SET) as readonly (keyof InvitationRow)[];

export function besideStatements(
  db: D1Database,
  org: string,
  { invitations, keyOwners = [], presetParts = [], proposals, importStep }: BesideChanges,
): D1PreparedStatement[] {
  const statements: D1PreparedStatement[] = [];
  const add = (sql: string, rows: readonly unknown[][]): void => {
    for (const chunk of jsonChunks(rows, CHUNK_BYTES)) statements.push(db.prepare(sql).bind(org, chunk));
  };
  const { insert = [], update = [] } = invitations ?? {};
  add(
    CHANGED_SQL,
    update.map(({ before }) => cells(before)),
  );
  add(
    UPDATE_SQL,
    update.map(({ after }) => cells(after)),
  );
  add(INSERT_SQL, insert.map(cells));
  add(
    'INSERT INTO api_key_owners (org, id, owner) SELECT ?1, row.value ->> 0, row.value ->> 1 FROM json_each(?2) AS row',
    keyOwners.map(({ id, owner }) => [id, owner]),
  );
  statements.push(...partStatements(db, org, presetParts));
  if (importStep !== undefined) statements.push(...importStatements(db, org, importStep));
  statements.push(...proposalStatements(db, org, proposals?.insert ?? [], proposals?.decide ?? []));
  return statements;
}

function cells(row: InvitationRow): unknown[] {
  return INVITATION_COLUMNS.map((column) => row[column]);
}

const CELLS = INVITATION_COLUMNS.map((_, i) => `row.value ->> ${i}`);

/** Aborts the batch, as `revision_moved`, when a row isn't what it was: the revision does not tell, since these rows have none. */
const CHANGED_SQL = `INSERT INTO guard (revision_moved) SELECT 1 FROM json_each(?2) AS row
  WHERE NOT EXISTS (SELECT 1 FROM invitations AS i WHERE i.org = ?1${INVITATION_COLUMNS.map((column, n) => ` AND i.${column} IS ${CELLS[n]}`).join('')})`;

const UPDATE_SQL = `UPDATE invitations SET ${INVITATION_COLUMNS.slice(1)
  .map((column, n) => `${column} = ${CELLS[n + 1]}`)
  .join(', ')}
  FROM json_each(?2) AS row WHERE invitations.org = ?1 AND invitations.id = ${CELLS[0]}`;

const INSERT_SQL = `INSERT INTO invitations (org, ${INVITATION_COLUMNS.join(', ')}) SELECT ?1, ${CELLS.join(', ')} FROM json_each(?2) AS row`;

/** The tables of D1 in Node's own SQLite: the real migrations, rows of a world, and the statements that read one question. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { CheckOptions, CheckRequest } from '../../src/core/terms/request.ts';
import type { OrganizationRows, TableName } from '../../src/core/terms/rows.ts';
import type { QuestionRows } from '../../src/pdp/double/ports.ts';
import { QUESTION_SQL, questionJson, questionRows } from '../../src/storage/d1/question-sql.ts';
import { PARENTS_FIRST, TABLES } from '../../src/storage/d1/tables.ts';
import { tablesOf } from './table-rows.ts';

const MIGRATIONS = join(import.meta.dirname, '../../src/storage/d1/migrations');

export class SqliteRows {
  readonly #db = new DatabaseSync(':memory:');
  readonly #statements: readonly StatementSync[];
  #organizations = 0;

  constructor() {
    for (const file of readdirSync(MIGRATIONS).toSorted()) this.#db.exec(readFileSync(join(MIGRATIONS, file), 'utf8'));
    this.#statements = QUESTION_SQL.map((sql) => this.#db.prepare(sql));
  }

  /** @returns the organization that has these rows, and nothing else */
  add(rows: OrganizationRows): string {
    const org = `org-${++this.#organizations}`;
    this.#db.prepare('INSERT INTO organizations (id) VALUES (?)').run(org);
    const tables = tablesOf(rows);
    for (const table of PARENTS_FIRST) this.#insert(org, table, tables[table]);
    return org;
  }

  #insert(org: string, table: TableName, rows: readonly object[]): void {
    const { columns } = TABLES[table];
    const statement = this.#db.prepare(`INSERT INTO ${table} (org, ${columns.join(', ')}) VALUES (?${', ?'.repeat(columns.length)})`);
    for (const row of rows) {
      const values = new Map<string, string | number | null>(Object.entries(row));
      statement.run(org, ...columns.map((column) => values.get(column) ?? null));
    }
  }

  read(org: string, request: CheckRequest, options: CheckOptions): QuestionRows | null {
    const question = questionJson(request, options);
    // `as`: the statement names the columns of `Row`, as in D1
    return questionRows(<Row>(i: number) => this.#statements[i]!.all(org, question) as Row[]);
  }
}

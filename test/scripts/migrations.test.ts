/**
 * The D1 API splits a migration at semicolons on the server and finds the end of a trigger by its words, so what passes locally may fail
 * there. These rules keep to what every version is known to split rightly.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../../src/storage/d1/migrations');
const files = readdirSync(folder).toSorted();
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');
const withoutComments = (text: string): string => text.replace(/^\s*--.*$/gm, '');
const LONGEST_BODY_LINES = 12;

describe('the migrations', () => {
  it('are numbered without gaps', () => {
    expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, i) => i + 1));
  });

  it('make, in their order and again, a database in which every foreign key has what it refers to', () => {
    const db = new DatabaseSync(':memory:');
    for (const file of [...files, ...files]) db.exec(textOf(file));
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'").all();
    expect(tables.length).toBe(29);
    expect(db.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
    const strict = db.prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0 AND name NOT GLOB 'sqlite_*'").all();
    expect(strict).toEqual([]);
  });

  it('log every table but the few that are no data', () => {
    const db = new DatabaseSync(':memory:');
    for (const file of files) db.exec(textOf(file));
    const unlogged = db.prepare(
      `SELECT name FROM sqlite_schema AS t WHERE type = 'table' AND name NOT GLOB 'sqlite_*'
       AND (SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = t.name AND sql LIKE '%INSERT INTO changes %') < 3
       ORDER BY name`,
    );
    expect(unlogged.all().map((row) => row.name)).toEqual([
      'api_key_owners',
      'audit',
      'audit_beside',
      'changes',
      'changes_pruned',
      'guard',
      'imports',
      'invitations',
      'key_use',
      'preset_parts',
      'project_guard',
      'proposals',
      'published',
      'revision_tags',
    ]);
  });

  for (const file of files) {
    it(`${file} has LF, an end, IF NOT EXISTS everywhere, and comments that no splitter can trip over`, () => {
      const text = textOf(file);
      expect(text).not.toContain('\r');
      expect(text.endsWith(';\n')).toBe(true);
      expect(withoutComments(text)).not.toMatch(/\/\*/);
      const creates = withoutComments(text).match(/^[ \t]*CREATE\b.*$/gim) ?? [];
      expect(creates.filter((line) => !/^CREATE (TABLE|TRIGGER|INDEX|UNIQUE INDEX) IF NOT EXISTS /.test(line))).toEqual([]);
      const comments = text.match(/--.*$/gm) ?? [];
      expect(comments.filter((comment) => /[;'"]/.test(comment))).toEqual([]);
      expect(text.split('\n').filter((line) => line.length > 140)).toEqual([]);
      expect(Math.max(...text.split(';\n').map((statement) => statement.length))).toBeLessThan(100_000);
      expect(text).not.toMatch(/subsec/);
    });
  }

  for (const file of files.filter((name) => /CREATE TRIGGER/i.test(textOf(name)))) {
    it(`${file} holds nothing but triggers, each with a short body, upper-case BEGIN and END, and no CASE`, () => {
      expect(file).toMatch(/_triggers\.sql$/);
      const rest = withoutComments(textOf(file)).replace(
        /CREATE TRIGGER IF NOT EXISTS \w+ (?:BEFORE|AFTER) (?:INSERT|DELETE|UPDATE(?: OF [\w, ]+)?)\s+ON \w+\n(?:WHEN [^;]*?\n)?BEGIN\n([^;]*;\n)END;\n/g,
        (_trigger, body: string) => {
          expect(body.split('\n').length).toBeLessThanOrEqual(LONGEST_BODY_LINES);
          return '';
        },
      );
      expect(rest.trim()).toBe('');
      expect(textOf(file)).not.toMatch(/\bcase\b/i);
      expect(
        textOf(file)
          .match(/\b(begin|end)\b/gi)
          ?.filter((word) => word !== 'BEGIN' && word !== 'END') ?? [],
      ).toEqual([]);
    });
  }

  it('keep triggers out of the schema', () => {
    expect(files.filter((file) => file.includes('triggers') && !/CREATE TRIGGER/.test(textOf(file)))).toEqual([]);
    expect(withoutComments(textOf('0001_schema.sql'))).not.toMatch(/\bTRIGGER\b/i);
  });
});

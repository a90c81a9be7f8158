import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../scripts/bench/core/deciding.ts';
import { compileInMemory } from '../../../scripts/bench/core/in-memory.ts';
import { MapOfSets } from '../../../scripts/bench/core/map-of-sets.ts';
import { populate, randomFrom, SHAPES } from '../../../scripts/bench/core/population.ts';
import { PAIRS, REAL_SHAPE } from '../../../scripts/bench/core/real-shape.ts';
import { writeLines } from '../../../scripts/bench/million/lines.ts';
import { Holdings, resourceOf, userOf } from '../../../scripts/bench/peers/holdings.ts';
import { sqlite } from '../../../scripts/bench/peers/sqlite.ts';

const small = populate(SHAPES[0]!);
const questions = small.questions(2_000, 1);

describe('the small world', () => {
  it('is answered by half with yes, and alike by the snapshot, the Map of Sets and SQLite', async () => {
    const { snapshot } = await compileInMemory(small.rows);
    const map = new MapOfSets(small.rows);
    const ask = await sqlite.prepare({ name: 'S', rows: small.rows, holdings: new Holdings(small.rows), questions });
    const answers = questions.map((question) => decide(snapshot, question));
    expect(questions.map((question) => map.check(question))).toEqual(answers);
    expect(questions.map(ask)).toEqual(answers);
    const allowed = answers.filter(Boolean).length / answers.length;
    expect(allowed).toBeGreaterThan(0.4);
    expect(allowed).toBeLessThan(0.6);
  });

  it('gives peers the roles that count, which decide as the Map of Sets does', () => {
    const [map, holdings] = [new MapOfSets(small.rows), new Holdings(small.rows)];
    for (const question of questions) {
      const held = holdings.rolesByScope(userOf(question));
      const roles = holdings.scopes(resourceOf(question)).flatMap((scope) => [...(held.get(scope) ?? [])]);
      expect(roles.some((role) => holdings.privileges.get(role)!.includes(question.action))).toBe(map.check(question));
    }
  });

  it('is written for the import line by line, what is needed before what needs it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bitgate-lines-'));
    try {
      const file = join(folder, 'lines.ndjson');
      const written = await writeLines(small.rows, file);
      const kinds = readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line): string => JSON.parse(line).kind);
      expect(kinds).toHaveLength(written);
      expect([...new Set(kinds)]).toEqual(['privilege', 'role', 'group', 'project', 'resource', 'subject', 'membership', 'assignment']);
      expect(kinds.filter((kind) => kind === 'assignment')).toHaveLength(small.rows.assignments.length);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the catalog of real shape', () => {
  it('has 14,000 privileges of different names, and 165,000 pairs in 2,500 roles', () => {
    const { names, held } = REAL_SHAPE.catalog!(randomFrom(1));
    expect([new Set(names).size, held.length]).toEqual([14_000, 2_500]);
    expect(held.reduce((sum, privileges) => sum + new Set(privileges).size, 0)).toBe(PAIRS);
  });
});

/** What a page of scopes weighs: conditions come with every scope where they are open. */
import { describe, expect, it } from 'vitest';
import { scopeFilter } from '../../src/client/scopes.ts';
import { SCOPES_START, type ScopesFrom, type ScopesQuestion, type Surveyed } from '../../src/pdp/scopes/question.ts';
import { scopesPage } from '../../src/pdp/scopes/scopes.ts';
import { MemoryReader } from '../support/memory-reader.ts';
import { memorySession } from '../support/memory-session.ts';
import { MemoryPieces, memoryCompiler } from '../support/memory-snapshot.ts';
import { NOW } from './vocabulary.ts';
import { emptyRows } from './world.ts';

const POLICIES = 40;
const FOLDERS = 300;

describe('a page of scopes', () => {
  it('ends early when long conditions make it heavy, and the pages are whole', async () => {
    const rows = emptyRows();
    rows.privileges.push({
      name: 'view',
      levels: 'both',
      resource_types: '[]',
      implies: '[]',
      implies_all: '',
      title: '',
      description: '',
      applies_to: '[]',
    });
    rows.settings.push({ settings: '{}' });
    rows.subjects.push({ subject: 'user:u', status: 'active', properties: '{}' });
    rows.roles.push({
      id: 'r',
      project: '',
      name: 'Role',
      title: '',
      description: '',
      privileges: '[]',
      all_privileges: 0,
      reaches_restricted: 0,
      system: 0,
    });
    for (let i = 0; i < POLICIES; i++) {
      const [id, condition] = [`p${i}`, `resource.properties.text == "${String(i).padEnd(900, 'x')}"`];
      const shared = { project: '', description: '', effect: 'allow', state: 'ACTIVE', system: 0, resource_types: '[]' } as const;
      rows.policies.push({ ...shared, id, name: id, privileges: '["view"]', condition });
      rows.role_policies.push({ role: 'r', policy: id });
    }
    for (let i = 0; i < FOLDERS; i++) {
      const scope = `folder:${i}`;
      rows.resources.push({ resource: scope, access: 'inherit', properties: '{}' });
      rows.assignments.push({ id: `a${i}`, principal: 'user:u', role: 'r', policy: null, scope, not_before: null, expires_at: null });
    }
    const pieces = new MemoryPieces();
    const compiled = (await memoryCompiler(new MemoryReader(rows), pieces).compile(null, true))!;
    const session = await memorySession(pieces, compiled.manifest, compiled.revision);
    const question: ScopesQuestion = { of: 'scopes', subject: { type: 'user', id: 'u' }, action: { name: 'view' }, type: 'row' };
    const pages: Surveyed[] = [];
    for (let from: ScopesFrom | null = SCOPES_START; from !== null; from = pages.at(-1)!.next)
      pages.push(await scopesPage(session, question, from, 10_000, NOW));
    expect(pages.length).toBeGreaterThan(5);
    for (const page of pages) expect(JSON.stringify(page).length).toBeLessThan(3 * 1024 * 1024);
    expect(pages.flatMap(({ scopes }) => scopes).length).toBe(FOLDERS);
    expect(scopeFilter(pages).scopes.get('folder:7')?.project.open?.allow_when).toHaveLength(POLICIES);
  });
});

/** A PATCH of the manifest: sections that are missing are left alone, sections that are there are replaced. */
import { describe, expect, it } from 'vitest';
import { exportManifest } from '../../../src/pap/manifest/export/export.ts';
import { resolvePatch } from '../../../src/pap/manifest/patch.ts';
import { planChanges } from '../../../src/pap/manifest/plan.ts';
import type { ManifestProblem } from '../../../src/pap/manifest/problems.ts';
import type { TableRows } from '../../../src/pap/ports.ts';
import { countingIds, organization, RICH, refusal, resolved } from './support.ts';

const present = resolved(RICH, organization());
const patch = (document: unknown, tables: TableRows = present): TableRows =>
  resolvePatch(document, { present: tables, newId: countingIds() });
const changed = (document: unknown): string[] =>
  planChanges(present, patch(document)).plan.changes.map((c) => `${c.op} ${c.kind} ${c.name}`);

describe('a patch', () => {
  it('of nothing changes nothing', () => {
    for (const document of [{ bitgate: 1 }, { bitgate: 1, catalog: {} }, { bitgate: 1, projects: [] }])
      expect(changed(document)).toEqual([]);
  });

  it.each(Object.keys(RICH).filter((section) => section !== 'bitgate'))('of the section %s as it is changes nothing', (section) => {
    expect(changed({ bitgate: 1, [section]: RICH[section as keyof typeof RICH] })).toEqual([]);
  });

  it('replaces a section that it holds, whole', () => {
    const routes = [{ hosts: ['b.example.com'], methods: ['GET'], path: '/one', action: 'two' }];
    expect(changed({ bitgate: 1, routes })).toEqual(['delete route 1', 'update route 0']);
  });

  it('keeps who is registered through nothing but a section that it replaces', () => {
    const subjects = patch({ bitgate: 1, assignments: [] }).subjects.map((row) => row.subject);
    expect(subjects).toContain('user:carol');
    expect(subjects).toContain('user:root');
  });

  it('leaves projects alone that it does not name, and of one that it names what it does not say', () => {
    expect(changed({ bitgate: 1, projects: [{ id: 'sleetduke', nickname: 'Duke' }, { id: 'new' }] })).toEqual([
      'insert resource project:new',
      'insert project new',
      'update project sleetduke',
    ]);
    const roles = [{ name: 'Reviewer', policies: ['Dataset Viewer'], inherits: ['Data Scientist'] }];
    expect(changed({ bitgate: 1, projects: [{ id: 'sleetduke', roles }] })).toEqual([
      'delete role_policy sleetduke/Reviewer → Not archived',
    ]);
  });

  it('tells what no longer holds together, where it is in the whole', () => {
    const problems = refusal(() => patch({ bitgate: 1, policies: [] })).details?.problems as readonly ManifestProblem[]; // what the code promises
    expect(problems.map(({ code }) => code)).toContain('unknown_policy');
  });

  it('has the paths of the document that was sent', () => {
    const document = { bitgate: 1, projects: [{ id: 'zeta', roles: [{ name: 'R', policies: ['Nothing'] }] }] };
    const problems = refusal(() => patch(document)).details?.problems as readonly ManifestProblem[]; // what the code promises
    expect(problems.map(({ code, path }) => `${code} ${path}`)).toEqual(['unknown_policy projects[0].roles[0].policies[0]']);
  });

  it('leaves what is not part of a manifest', () => {
    const after = patch({ bitgate: 1, assignments: [], subjects: [] });
    expect(after.assignments.map((row) => row.principal)).toEqual(['api_key:k1']);
    expect(exportManifest(after).roles).toEqual(exportManifest(present).roles);
  });
});

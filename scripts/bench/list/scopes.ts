/**
 * CPU time of all scopes of one subject, in an organization of 100,000 registered documents in folders of projects: page by page until the end, with no
 * leaf at hand and with all at hand. Applied to every document they must say what a check says.
 */
import { applyScopes, scopeFilter } from '../../../src/client/scopes.ts';
import { evaluate } from '../../../src/core/evaluate/evaluate.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';
import type { Session } from '../../../src/pdp/pdp.ts';
import { SCOPES_START, type ScopesFrom, type ScopesQuestion, type Surveyed } from '../../../src/pdp/scopes/question.ts';
import { scopesPage } from '../../../src/pdp/scopes/scopes.ts';
import { table } from '../../lib/table.ts';
import { type BenchOptions, type BenchResult, type Figure, roundsOf } from '../bench.ts';
import { NOW } from '../core/deciding.ts';
import { compileInMemory } from '../core/in-memory.ts';
import { middle } from '../statistics.ts';
import { dataPlane, LIFE } from './list.ts';

const ROUNDS = 5;
const LIMIT = 10_000;
const PROJECTS = 100;
const FOLDERS = 10;
const DOCUMENTS = 100;

const question = (parent_types?: readonly string[]): ScopesQuestion => ({
  of: 'scopes',
  subject: { type: 'user', id: 'u' },
  action: { name: 'view' },
  type: 'document',
  parent_types,
});

interface Document {
  readonly id: string;
  readonly parents: readonly string[];
}

/** Every tenth folder is restricted, every twentieth document too. */
function populate(): { rows: OrganizationRows; documents: Document[] } {
  const bundle = { project: '', description: '', system: 0 } as const;
  const scopes = [...Array.from({ length: 30 }, (_, i) => `project:p${i}`), ...Array.from({ length: 20 }, (_, i) => `folder:p${i + 40} 3`)];
  const assignments = scopes.map((scope, i) => ({
    id: `a${i}`,
    principal: 'user:u',
    role: 'viewer',
    policy: null,
    scope,
    not_before: null,
    expires_at: null,
  }));
  const rows: OrganizationRows = {
    privileges: [
      { name: 'view', levels: 'both', resource_types: '[]', implies: '[]', implies_all: '', title: '', description: '', applies_to: '[]' },
    ],
    policies: [],
    roles: [{ ...bundle, id: 'viewer', name: 'Viewer', title: '', privileges: '["view"]', all_privileges: 0, reaches_restricted: 0 }],
    role_policies: [],
    role_inherits: [],
    groups: [],
    group_nesting: [],
    routes: [],
    settings: [],
    subjects: [{ subject: 'user:u', status: 'active', properties: '{}' }],
    memberships: [],
    assignments,
    api_keys: [],
    resources: [],
    resource_parents: [],
    resource_owners: [],
  };
  const documents: Document[] = [];
  const add = (resource: string, parent: string | null, restricted: boolean): void => {
    rows.resources.push({ resource, access: restricted ? 'restricted' : 'inherit', properties: '{}' });
    if (parent !== null) rows.resource_parents.push({ resource, parent });
  };
  for (let p = 0; p < PROJECTS; p++) {
    add(`project:p${p}`, null, false);
    for (let f = 0; f < FOLDERS; f++) {
      const folder = `folder:p${p} ${f}`;
      add(folder, `project:p${p}`, f === 0);
      for (let d = 0; d < DOCUMENTS; d++) {
        const id = `p${p} ${f} ${d}`;
        add(`document:${id}`, folder, d % 20 === 0);
        documents.push({ id, parents: [folder] });
      }
    }
  }
  return { rows, documents };
}

interface Timed {
  readonly cpu: number;
  readonly pages: readonly Surveyed[];
}

async function timed(session: Session, asked: ScopesQuestion): Promise<Timed> {
  const before = process.cpuUsage();
  const pages: Surveyed[] = [];
  for (let from: ScopesFrom | null = SCOPES_START; from !== null; from = pages.at(-1)!.next) {
    pages.push(await scopesPage(session, asked, from, LIMIT, NOW));
  }
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1_000, pages };
}

/** @throws Error when a document is told something else than a check says */
function prove({ pages }: Timed, snapshot: Snapshot, documents: readonly Document[]): void {
  const filter = scopeFilter(pages);
  for (const document of documents) {
    const { subject, action } = question();
    const decision = evaluate(snapshot, { subject, action, resource: { type: 'document', id: document.id } }, NOW);
    const expected = 'decision' in decision && decision.decision ? 'allow' : 'deny';
    if (applyScopes(filter, document) !== expected) throw new Error(`the scopes are wrong of \`${document.id}\``);
  }
}

/** All scopes of one subject. */
export async function benchScopesTable(options: BenchOptions): Promise<BenchResult> {
  const rounds = roundsOf(options, ROUNDS);
  const figures: Figure[] = [];
  const { rows, documents } = populate();
  const compiled = await compileInMemory(rows);
  const kinds = [
    { id: 'scopes.all', name: 'all types of parents', asked: question() },
    { id: 'scopes.named', name: 'folders and projects', asked: question(['folder', 'project']) },
  ];
  const shown: string[][] = [];
  for (const { id, name, asked } of kinds) {
    const cold: Timed[] = [];
    const warm: Timed[] = [];
    for (let round = 0; round < rounds; round++) {
      const session = await dataPlane(compiled).open('bench', {}, LIFE);
      cold.push(await timed(session, asked));
      compiled.snapshot.principals.forEach((leaf, i) => {
        session.snapshot.principals[i] = leaf;
      });
      compiled.snapshot.resources.forEach((leaf, i) => {
        session.snapshot.resources[i] = leaf;
      });
      warm.push(await timed(session, asked));
    }
    for (const each of [...cold, ...warm]) prove(each, compiled.snapshot, documents);
    const { pages } = warm[0]!;
    const items = pages.reduce((sum, { scopes, exceptions }) => sum + scopes.length + exceptions.allow.length + exceptions.deny.length, 0);
    const ms = (all: readonly Timed[]): string => `${Math.round(middle(all.map(({ cpu }) => cpu)))}`;
    const what = `scopes of 100 000 documents: ${name}, no leaf at hand`;
    const baseline = { what: 'all leaves at hand', value: middle(warm.map(({ cpu }) => cpu)), ratio: null };
    figures.push({ id, what, value: middle(cold.map(({ cpu }) => cpu)), unit: 'ms CPU', baseline, rounds });
    shown.push([name, `${pages.length}`, `${items}`, ms(cold), ms(warm)]);
  }
  const note =
    `(ms of CPU in all threads for the whole answer, medians of ${rounds}, Node ${process.versions.node}; ${documents.length} registered documents in ` +
    `${PROJECTS * FOLDERS} folders, 50 grants; pages of ${LIMIT}; applied to every document and compared with a check)`;
  return { text: `${table(['scopes of 100 000 documents', 'pages', 'items', 'no leaf at hand', 'all at hand'], shown)}\n${note}`, figures };
}

/** Compares two states of one organization inside workerd: `/prepare` makes them, `/diff` compares, `/read` only opens and reads every leaf. */
import { accessDiff } from '../../../src/pap/preview/access.ts';
import { PieceDecisionPoint } from '../../../src/pap/preview/preview-point.ts';
import { AccessSide } from '../../../src/pap/preview/side.ts';
import { type CompiledInMemory, compileInMemory } from '../core/in-memory.ts';
import { populate, type Shape } from '../core/population.ts';

const SHAPE: Shape = {
  name: 'preview',
  privileges: 200,
  roles: 200,
  subjects: 10_000,
  assignments: 100_000,
  projects: 100,
  datasets: 2_000,
  groups: 100,
  privilegesPerRole: 40,
};
/** roles that the edited policy is in */
const ROLES = 20;
const NOW = Date.UTC(2026, 10, 21);

/** What the edit makes of the policy, by name. */
const EDITS = {
  before: {},
  allow: { privileges: '["area0:read","area1:read"]' },
  deny: { effect: 'deny' },
  condition: { condition: 'context.x == 1' },
} as const;

const states = new Map<string, CompiledInMemory>();

async function prepare(): Promise<void> {
  const { rows } = populate(SHAPE);
  for (const [name, edit] of Object.entries(EDITS)) {
    const policy = { id: 'pol_edited', project: '', name: 'Edited', description: '', effect: 'allow', state: 'ACTIVE' } as const;
    const columns = { privileges: '["area0:read"]', resource_types: '[]', condition: null, system: 0 } as const;
    const role_policies = Array.from({ length: ROLES }, (_, i) => ({ role: `rol_${i}`, policy: policy.id }));
    states.set(name, await compileInMemory({ ...rows, policies: [{ ...policy, ...columns, ...edit }], role_policies }));
  }
}

/** Opened anew, as a request would: with no leaf at hand. */
function point(name: string): PieceDecisionPoint {
  const state = states.get(name);
  if (state === undefined) throw new Error(`no state \`${name}\``);
  const load = async (hash: string): Promise<Uint8Array> => state.stored.get(hash)!;
  return new PieceDecisionPoint(state.snapshot.manifest, state.snapshot.catalog, { load }, undefined);
}

async function read(name: string): Promise<number> {
  let entries = 0;
  for (const each of ['before', name]) {
    const side = await AccessSide.open(point(each));
    for (let i = 0; i < side.point.snapshot.manifest.directories.principals.count; i++) entries += (await side.principalLeaf(i)).length;
  }
  return entries;
}

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const edit = searchParams.get('edit') ?? '';
    if (pathname === '/prepare') await prepare();
    else if (pathname === '/read') return Response.json({ entries: await read(edit) });
    else if (pathname === '/diff') {
      const { gained, lost } = await accessDiff(point('before'), point(edit), NOW);
      return Response.json({ gained, lost });
    }
    return new Response();
  },
};

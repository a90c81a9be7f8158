/** A proxy is told 200 exactly where `/check` allows the question that the route asks. The questions stand here by hand. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ask, check, FAMILIES, makeWorld, said, tokenFor, type World } from './world.ts';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly question: { readonly action: string; readonly resource?: object };
}

const datasets = ['d1', 'd2', 'new', 'zo%C3%AB', 'a%20b', 'a@b'];
const projects = ['p1', 'p2'];
/** where the rows say that they lie */
const HOME: Readonly<Record<string, string>> = { d1: 'p1', d2: 'p2' };

const dataset = (id: string, project?: string): object => ({
  type: 'dataset',
  id: decodeURIComponent(id),
  ...(project === undefined ? {} : { properties: { parents: [`project:${project}`] } }),
});

const ASKED: readonly Asked[] = [
  { method: 'GET', path: '/public/a/b', question: { action: 'look' } },
  { method: 'HEAD', path: '/public', question: { action: 'look' } },
  { method: 'GET', path: '/admin', question: { action: 'administer' } },
  ...projects.map((p) => ({ method: 'GET', path: `/projects/${p}`, question: { action: 'read', resource: { type: 'project', id: p } } })),
  ...datasets.map((d) => ({ method: 'GET', path: `/datasets/${d}`, question: { action: 'read', resource: dataset(d) } })),
  ...datasets.flatMap((d) =>
    projects
      .filter((p) => (HOME[d] ?? p) === p)
      .flatMap((p) =>
        [
          { method: 'GET', action: 'read' },
          { method: 'HEAD', action: 'read' },
          { method: 'PUT', action: 'edit' },
          { method: 'DELETE', action: 'edit' },
        ].map(({ method, action }) => ({
          method,
          path: `/projects/${p}/datasets/${d}`,
          question: { action, resource: dataset(d, p) },
        })),
      ),
  ),
];

const USERS = ['alice', 'eve', 'sue', 'root', 'owner', 'a@x@y', 'nobody-knows'];

let world: World;
beforeAll(async () => {
  world = await makeWorld('acme');
});

describe('forward-auth and /check', () => {
  it.each(USERS)('agree on everything that %s may do, by every family', async (user) => {
    const token = await tokenFor(user);
    const allowed: string[] = [];
    for (const [i, { method, path, question }] of ASKED.entries()) {
      const family = FAMILIES[i % FAMILIES.length] ?? 'nginx';
      const told = await ask(world, method, path, { user: token, family });
      const { decision, reason } = await check(world, `user:${user}`, question);
      expect(said(told), `${method} ${path}`).toBe(decision ? '200' : `403 ${reason}`);
      if (decision) allowed.push(path);
    }
    // `sue` is suspended
    expect(allowed.length > 0).toBe(user !== 'sue');
    expect(allowed.length === ASKED.length).toBe(user === 'root' || user === 'owner');
  });

  it('agree on what anybody may do', async () => {
    for (const { method, path, question } of ASKED) {
      const { decision } = await check(world, 'user:nobody-knows', question);
      expect(said(await ask(world, method, path))).toBe(decision ? '200' : '401 missing_credentials');
    }
  });
});

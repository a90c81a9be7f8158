/** Random documents that hold together: every section, odd names, references by name across levels. */
import type { Random } from '../../properties/random.ts';

const ODD = [
  '',
  ' x',
  ': y',
  '#z',
  ' "q"',
  " it's",
  '/s',
  '\ud83d\ude00',
  'é',
  '{a}',
  ' - b',
  ', c',
  '~',
  '|',
  '%',
  '&d',
  '*e',
  '!f',
  '@g',
  '`h',
  '\\',
  '?i',
  'no',
];
const TEXTS = [
  'plain',
  'two\nlines',
  '  spaces  ',
  'null',
  '1.5',
  'true',
  '2027-01-01',
  '"',
  "'",
  ': ',
  '- a',
  '#',
  'ü\u2028',
  '\ttab',
  '',
];

export function randomManifest(random: Random): object {
  const names = (prefix: string, count: number): string[] =>
    Array.from({ length: random.below(count + 1) }, (_, i) => `${prefix}${i}${random.pick(ODD)}`);
  const maybe = <T>(key: string, value: T): object => (random.chance(0.4) ? { [key]: value } : {});
  const text = (): string => random.pick(TEXTS);
  const properties = (): object => ({
    a: random.pick<unknown>([1, -0.25, null, true, text(), [text(), {}], { [text()]: [1e21, text()] }]),
    [text()]: text(),
  });

  const privileges = names('p', 8);
  const types = names('t', 3).map((type) => type.replaceAll(':', ';'));
  const projects = names('proj', 3);
  const resources = names('r', 8);
  const users = names('u', 6).map((id) => `user:${id}`);
  const groups = names('g', 4);

  const policy = (name: string): object => ({
    name,
    privileges: random.sample(privileges, 3),
    ...maybe('id', `pol_by${Math.trunc(random.next() * 1e9)}`),
    ...maybe('description', text()),
    ...maybe('effect', random.pick(['allow', 'deny'])),
    ...maybe('state', random.pick(['ACTIVE', 'INACTIVE', 'DRAFT'])),
    ...maybe('resource_types', random.sample(types, 2)),
    ...maybe('condition', random.pick(['true', 'subject.id == "x"', 'context.a == 1 &&\n  true'])),
  });
  const bundles = (
    prefix: string,
    above: { policies: string[]; roles: string[] },
  ): { policies: object[]; roles: object[]; own: typeof above } => {
    const policies = names(`${prefix}P`, 3);
    const roles = names(`${prefix}R`, 3);
    return {
      policies: policies.map(policy),
      roles: roles.map((name, i) => ({
        name,
        ...maybe('id', `rol_by${Math.trunc(random.next() * 1e9)}`),
        ...maybe('title', text()),
        ...maybe('policies', random.sample([...policies, ...above.policies], 2)),
        ...maybe('inherits', random.sample([...roles.slice(0, i), ...above.roles], 2)),
        ...maybe('privileges', random.sample(privileges, 2)),
        ...maybe('all_privileges', random.chance(0.5)),
        ...maybe('reaches_restricted', random.chance(0.5)),
      })),
      own: { policies, roles },
    };
  };
  const top = bundles('', { policies: [], roles: [] });
  const inProjects = projects.map((id) => ({ id, ...bundles(random.pick(['', 'x']), top.own) }));
  const principals = [...users, ...groups.map((name) => `group:${name}`)];
  const place = (parents: readonly string[]): object => ({
    ...maybe('parents', random.sample(parents, 2)),
    ...maybe('access', random.pick(['inherit', 'restricted'])),
    ...maybe(
      'owners',
      random.sample(principals, 2).map((subject) => ({ subject, ...maybe('kind', 'TECHNICAL') })),
    ),
    ...maybe('properties', properties()),
  });
  const window = (): object => ({
    ...maybe('not_before', new Date(random.below(1e9) * 1000).toISOString()),
    ...maybe('expires_at', new Date(1e12 + random.below(1e9)).toISOString()),
  });
  const assignment = (): object[] => {
    const [subject] = random.sample([...principals, 'group:everyone', 'group:anyone', 'group:owner', 'group:owner:X'], 1);
    const project = random.chance(0.5) ? random.sample(inProjects, 1)[0] : undefined;
    const kind = random.pick(['role', 'policy'] as const);
    const [name] = random.sample((project?.own ?? top.own)[kind === 'role' ? 'roles' : 'policies'], 1);
    if (name === undefined) return [];
    const scopes = ['org', 'thing:unregistered', ...projects.map((id) => `project:${id}`), ...resources.map((id) => `d:${id}`)];
    const target = project === undefined ? name : `${project.id}/${name}`;
    return [{ subject, [kind]: target, scope: project === undefined ? random.pick(scopes) : `project:${project.id}`, ...window() }];
  };
  return {
    bitgate: 1,
    catalog: {
      privileges: privileges.map((name) => ({
        name,
        ...maybe('title', text()),
        ...maybe('levels', ['project']),
        ...maybe('resource_types', random.sample(types, 2)),
        ...maybe('implies', random.sample(privileges, 2)),
        ...maybe('implies_all', 'project'),
      })),
    },
    policies: top.policies,
    roles: top.roles,
    projects: inProjects.map(({ id, policies, roles }) => ({
      id,
      policies,
      roles,
      ...maybe('nickname', 'Nick'),
      ...place(['domain:top']),
    })),
    subjects: random
      .some(users, 0.5)
      .map((user) => ({ type: 'user', id: user.slice(5), ...maybe('status', 'suspended'), ...maybe('properties', properties()) })),
    groups: groups.map((name, i) => ({
      name,
      ...maybe('description', text()),
      ...maybe('members', [...random.sample(users, 2), ...random.sample(groups.slice(0, i), 2).map((group) => `group:${group}`)]),
    })),
    resources: resources.map((id, i) => ({
      type: 'd',
      id,
      ...place([...resources.slice(0, i).map((above) => `d:${above}`), ...projects.map((project) => `project:${project}`)]),
    })),
    assignments: Array.from({ length: random.below(12) }, assignment).flat(),
    settings: { ...maybe('closed_types', types), ...maybe('default_role', 'Reader') },
  };
}

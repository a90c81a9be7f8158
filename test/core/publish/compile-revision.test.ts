/** The compiler's driver: what stops a revision, what becomes of problems, when everything is compiled, and how little is written. */
import { describe, expect, it } from 'vitest';
import type { OrganizationRows } from '../../../src/core/terms/rows.ts';
import type { RowReader } from '../../../src/pap/ports.ts';
import { type CompiledRevision, Unpublishable } from '../../../src/pap/publish/ports.ts';
import { touchedBetween } from '../../properties/touched.ts';
import { MemoryReader } from '../../support/memory-reader.ts';
import { ask, MemoryPieces, memoryCompiler, openBefore, openSnapshot } from '../../support/memory-snapshot.ts';
import { apiKey, assignment, policy, privilege, role } from '../compile/rows.ts';
import { contentOf, fromScratch, LEAF_WEIGHT, manifestsIn, smallRows } from './support.ts';

/** An organization that is published whenever its rows change. */
class Organization {
  readonly reader: MemoryReader;
  readonly pieces = new MemoryPieces();
  compiled: CompiledRevision | undefined;

  constructor(rows: OrganizationRows) {
    this.reader = new MemoryReader(rows);
  }

  commit(rows: OrganizationRows): void {
    this.reader.commit(rows, touchedBetween(this.reader.rows, rows));
  }

  /** @param reader absent: the organization's own */
  async publish(full = false, reader: RowReader = this.reader): Promise<CompiledRevision> {
    const before = this.compiled === undefined ? null : openBefore(this.pieces, this.compiled);
    const compiled = await memoryCompiler(reader, this.pieces, LEAF_WEIGHT).compile(before, full);
    if (compiled === null) throw new Error('nothing changed');
    this.compiled = compiled;
    return compiled;
  }

  /** Is the subject allowed to do it, by the revision that was published last, or by the given one? */
  allows(subject: string, action: string, manifest = this.compiled!.manifest): boolean {
    const request = { subject: { type: 'user', id: subject }, action: { name: action }, resource: { type: 'doc', id: '1' } };
    return ask(openSnapshot(this.pieces, manifest), this.pieces, request, 0).decision;
  }
}

const GOOD = smallRows();
const deny = policy('pol_bad', { effect: 'deny', privileges: '["read"' });

/** Rows typed by hand that may carry a deny, and the place that is complained about. */
const STOPPING: [string, OrganizationRows, string][] = [
  ['a deny whose privileges are no JSON', { ...GOOD, policies: [...GOOD.policies, deny] }, 'policies/pol_bad/privileges'],
  [
    'a deny whose condition is no CEL',
    { ...GOOD, policies: [...GOOD.policies, policy('pol_bad', { effect: 'deny', condition: '1 +' })] },
    'policies/pol_bad/condition',
  ],
  [
    'a policy of unknown effect',
    { ...GOOD, policies: [...GOOD.policies, policy('pol_bad', { effect: 'perhaps' })] },
    'policies/pol_bad/effect',
  ],
  ['a privilege without levels', { ...GOOD, privileges: [...GOOD.privileges, privilege('x', { levels: 'none' })] }, 'privileges/x/levels'],
  ['settings that are no JSON', { ...GOOD, settings: [{ settings: '{' }] }, 'settings'],
  ['closed types that are no texts', { ...GOOD, settings: [{ settings: '{"closed_types":[1]}' }] }, 'settings/closed_types'],
  [
    'roles that inherit in a circle',
    {
      ...GOOD,
      role_inherits: [
        { role: 'rol_reader', parent: 'rol_writer' },
        { role: 'rol_writer', parent: 'rol_reader' },
      ],
    },
    'role_inherits/rol_reader/rol_writer',
  ],
  [
    'a member of a group that is not there',
    { ...GOOD, memberships: [...GOOD.memberships, { group_id: 'grp_none', member: 'user:c' }] },
    'group_members/grp_none/user:c',
  ],
  [
    'an assignment of a deny at no scope',
    { ...GOOD, assignments: [...GOOD.assignments, assignment('bad', { principal: 'user:c', policy: 'pol_no', scope: 'nowhere' })] },
    'assignments/bad/scope',
  ],
  [
    'an assignment of nothing',
    { ...GOOD, assignments: [...GOOD.assignments, assignment('bad', { principal: 'user:c' })] },
    'assignments/bad',
  ],
  [
    'a parent that is no resource',
    { ...GOOD, resource_parents: [...GOOD.resource_parents, { resource: 'folder:1', parent: 'nowhere' }] },
    'resource_parents/folder:1/nowhere',
  ],
];

describe('rows that may carry a deny and can’t be read', () => {
  it.each(STOPPING)('stop a full compile, and no manifest is stored: %s', async (_, rows, path) => {
    const organization = new Organization(rows);
    const error = await organization.publish(true).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Unpublishable);
    // just seen to be one
    expect((error as Unpublishable).problems.map((problem) => problem.path)).toContain(path);
    expect(manifestsIn(organization.pieces)).toBe(0);
  });

  it.each(STOPPING)('stop an incremental compile, until they are mended: %s', async (_, rows) => {
    const organization = new Organization(GOOD);
    const good = await organization.publish();
    organization.commit(rows);
    await expect(organization.publish()).rejects.toThrow(Unpublishable);
    expect(organization.compiled).toBe(good);
    expect(manifestsIn(organization.pieces)).toBe(1);
    const mended = { ...GOOD, subjects: GOOD.subjects.filter((row) => row.subject !== 'user:c'), resource_owners: [] };
    organization.commit(mended);
    expect(await organization.publish()).toMatchObject({ revision: 3, full: false, problems: [] });
    expect(contentOf(organization.pieces, organization.compiled!.manifest)).toEqual(await fromScratch(mended));
  });
});

describe('problems', () => {
  const broken: OrganizationRows = {
    ...GOOD,
    roles: [...GOOD.roles, role('rol_bad', { privileges: 'read' })],
    subjects: GOOD.subjects.map((row) => (row.subject === 'user:a' ? { ...row, properties: '[' } : row)),
    resources: GOOD.resources.map((row) => (row.resource === 'doc:1' ? { ...row, properties: '7' } : row)),
    api_keys: [apiKey('k', { hash: 'x' })],
  };
  const places = (compiled: CompiledRevision): string[] => compiled.problems.map(({ area, key }) => `${area}:${key}`).sort();
  const ALL = ['catalog:', 'keys:k', 'principals:user:a', 'resources:doc:1'];

  it('are placed by the leaf key that they concern, by full and incremental compiles alike', async () => {
    const full = await new Organization(broken).publish(true);
    expect(places(full)).toEqual(ALL);
    expect(full.read).toBe(null);
    const organization = new Organization(GOOD);
    await organization.publish();
    organization.commit(broken);
    const incremental = await organization.publish();
    expect(places(incremental)).toEqual(ALL);
    expect(incremental.problems.map(({ problems }) => problems)).toEqual(full.problems.map(({ problems }) => problems));
    for (const place of ALL) expect(incremental.read).toContain(place);
  });

  it('are over when their rows are mended, and only those: while rows of leaves are skipped, everything is read', async () => {
    const organization = new Organization(broken);
    await organization.publish();
    organization.commit({ ...broken, subjects: GOOD.subjects });
    const mended = await organization.publish();
    expect(mended.full).toBe(true);
    expect(mended.read).toBe(null);
    expect(places(mended)).toEqual(ALL.filter((place) => place !== 'principals:user:a'));
    organization.commit(GOOD);
    expect((await organization.publish()).problems).toEqual([]);
    expect(contentOf(organization.pieces, organization.compiled!.manifest)).toEqual(await fromScratch(GOOD));
  });

  const skipped: OrganizationRows = {
    ...GOOD,
    assignments: [...GOOD.assignments, assignment('bad', { principal: 'user:c', role: 'rol_reader', scope: 'nowhere' })],
  };
  const denying: OrganizationRows = { ...skipped, role_policies: [...GOOD.role_policies, { role: 'rol_reader', policy: 'pol_no' }] };

  it('stop the publish once the role of a skipped assignment denies, though only the catalog changed', async () => {
    const organization = new Organization(skipped);
    expect(places(await organization.publish())).toEqual(['principals:user:c']);
    organization.commit(denying);
    await expect(organization.publish()).rejects.toBeInstanceOf(Unpublishable);
  });

  it('stop a full compile in the middle of which the role of a skipped assignment came to deny', async () => {
    const organization = new Organization(skipped);
    organization.reader.onRead = (name) => {
      if (name === 'resources' && organization.reader.rows !== denying) organization.commit(denying);
    };
    await expect(organization.publish(true)).rejects.toBeInstanceOf(Unpublishable);
  });

  it('that are over by the end of a full compile are not told', async () => {
    const organization = new Organization(broken);
    organization.reader.onRead = (name) => {
      if (name === 'changes' && organization.reader.rows !== GOOD) organization.commit(GOOD);
    };
    expect((await organization.publish(true)).problems).toEqual([]);
  });

  it('leave nothing that allows: the role is empty, the subject suspended, the key disabled', async () => {
    const organization = new Organization({
      ...broken,
      assignments: [...GOOD.assignments, assignment('a9', { principal: 'user:c', role: 'rol_bad' })],
    });
    await organization.publish();
    for (const subject of ['a', 'c']) expect(organization.allows(subject, 'read'), subject).toBe(false);
    organization.commit(GOOD);
    await organization.publish();
    expect(organization.allows('a', 'read')).toBe(true);
  });
});

describe('everything is compiled', () => {
  it('when the log does not reach back, with the bytes of an incremental compile', async () => {
    const changed = { ...GOOD, subjects: GOOD.subjects.slice(1) };
    const manifests = [];
    for (const reaches of [true, false]) {
      const organization = new Organization(GOOD);
      await organization.publish();
      organization.commit(changed);
      const { reader } = organization;
      let asked = 0;
      const forgetful: RowReader = {
        ...bound(reader),
        changedSince: async (after, most, part) => (asked++ < 2 && !reaches ? null : reader.changedSince(after, most, part)),
      };
      const compiled = await organization.publish(false, forgetful);
      expect(compiled.full).toBe(!reaches);
      manifests.push(compiled.manifest);
    }
    expect(manifests[0]).toBe(manifests[1]);
  });

  it('anew as long as the log does not reach back to its start, five times at most', async () => {
    const organization = new Organization(GOOD);
    let asked = 0;
    const never: RowReader = {
      ...bound(organization.reader),
      changedSince: async () => {
        asked++;
        return null;
      },
    };
    await expect(organization.publish(true, never)).rejects.toThrow('changed during each of 5 full compiles');
    // twice an attempt: first whether too much changed, then whether the log reaches back at all
    expect(asked).toBe(10);
    expect(manifestsIn(organization.pieces)).toBe(0);
  });

  it('when more keys changed than are worth reading again', async () => {
    const organization = new Organization(GOOD);
    await organization.publish();
    const subjects = Array.from({ length: 20_001 }, (_, i) => ({ subject: `user:${i}`, status: 'active' as const, properties: '{}' }));
    organization.commit({ ...GOOD, subjects: [...GOOD.subjects, ...subjects] });
    expect((await organization.publish()).full).toBe(true);
  });

  it('anew when more keys changed meanwhile than are worth catching up with, as often as that happens', async () => {
    const organization = new Organization(GOOD);
    const { reader } = organization;
    let busy = 6;
    let beginnings = 0;
    const written: RowReader = {
      ...bound(reader),
      principalPage: (after, limit) => {
        if (after === '') beginnings++;
        return reader.principalPage(after, limit);
      },
      changedSince: async (after, most, part) => (most === 20_000 && busy-- > 0 ? null : reader.changedSince(after, most, part)),
    };
    const compiled = await organization.publish(true, written);
    expect(beginnings).toBe(7);
    expect(contentOf(organization.pieces, compiled.manifest)).toEqual(await fromScratch(GOOD));
  });
});

describe('an incremental compile', () => {
  it('writes one leaf and the manifest for one changed assignment', async () => {
    const subjects = Array.from({ length: 300 }, (_, i) => ({ subject: `user:${i}`, status: 'active' as const, properties: '{}' }));
    const rows = { ...GOOD, subjects: [...GOOD.subjects, ...subjects] };
    const reader = new MemoryReader(rows);
    const pieces = new MemoryPieces();
    const compiler = memoryCompiler(reader, pieces);
    const compiled = (await compiler.compile(null, true))!;
    const written = pieces.written;
    const changed = { ...rows, assignments: [...rows.assignments, assignment('new', { principal: 'user:7', role: 'rol_reader' })] };
    reader.commit(changed, touchedBetween(rows, changed));
    await compiler.compile(openBefore(pieces, compiled), false);
    expect(pieces.written - written).toBe(2);
  });

  it('gives nothing when nothing changed, and a new revision of the same pieces when what changed is not in them', async () => {
    const organization = new Organization(GOOD);
    const first = await organization.publish();
    const compiler = memoryCompiler(organization.reader, organization.pieces, LEAF_WEIGHT);
    expect(await compiler.compile(openBefore(organization.pieces, first), false)).toBe(null);
    organization.commit({ ...GOOD, roles: GOOD.roles.map((row) => ({ ...row, title: 'another' })) });
    const written = organization.pieces.written;
    const second = await organization.publish();
    expect(second.revision).toBe(2);
    expect(contentOf(organization.pieces, second.manifest)).toEqual(contentOf(organization.pieces, first.manifest));
    expect(organization.pieces.written - written).toBe(1);
  });

  it('fails, and stores no manifest, when a leaf that it needs is gone', async () => {
    const organization = new Organization(GOOD);
    await organization.publish();
    organization.commit({ ...GOOD, subjects: GOOD.subjects.slice(1), assignments: GOOD.assignments.slice(1) });
    organization.pieces.load = async (hash) => Promise.reject(new Error(`gone: ${hash}`));
    await expect(organization.publish()).rejects.toThrow('gone');
    expect(manifestsIn(organization.pieces)).toBe(1);
  });

  it('keeps the list of reserved groups that hold anything', async () => {
    const organization = new Organization(GOOD);
    await organization.publish();
    const reserved = (): readonly string[] => contentOf(organization.pieces, organization.compiled!.manifest).reserved;
    expect(reserved()).toEqual([]);
    const everyone = ['group:everyone', 'group:owner:\u{10000}', 'group:owner:\uffff'];
    const held = everyone.map((principal) => assignment(principal, { principal, role: 'rol_reader' }));
    organization.commit({ ...GOOD, assignments: [...GOOD.assignments, ...held] });
    await organization.publish();
    expect(reserved()).toEqual(['group:everyone', 'group:owner:\uffff', 'group:owner:\u{10000}']);
    expect(contentOf(organization.pieces, organization.compiled!.manifest)).toEqual(await fromScratch(organization.reader.rows));
    organization.commit({ ...GOOD, assignments: [...GOOD.assignments, held[1]!] });
    await organization.publish();
    expect(reserved()).toEqual(['group:owner:\u{10000}']);
  });
});

describe('SEC-12 what is deleted', () => {
  it('is not held again when something of the same id is made, and old revisions go on saying what they said', async () => {
    const organization = new Organization(GOOD);
    const first = await organization.publish();
    expect(organization.allows('a', 'read')).toBe(true);
    organization.commit({
      ...GOOD,
      privileges: GOOD.privileges.filter((row) => row.name !== 'read'),
      roles: GOOD.roles.filter((row) => row.id !== 'rol_reader'),
      assignments: GOOD.assignments.filter((row) => row.role !== 'rol_reader'),
    });
    const second = await organization.publish();
    // bit 0 is `write` now; the first revision's pieces still mean `read` by it
    expect(organization.allows('a', 'write')).toBe(false);
    expect(organization.allows('a', 'read', first.manifest)).toBe(true);
    expect(organization.allows('a', 'write', first.manifest)).toBe(false);
    organization.commit({ ...GOOD, assignments: GOOD.assignments.filter((row) => row.role !== 'rol_reader') });
    await organization.publish();
    expect(organization.allows('a', 'read')).toBe(false);
    expect(organization.allows('a', 'read', first.manifest)).toBe(true);
    expect(organization.allows('a', 'read', second.manifest)).toBe(false);
  });
});

/** The reader's methods, to replace some of them. */
function bound(reader: MemoryReader): RowReader {
  return {
    revision: () => reader.revision(),
    catalog: () => reader.catalog(),
    principalPage: (after, limit) => reader.principalPage(after, limit),
    resourcePage: (after, limit) => reader.resourcePage(after, limit),
    keyPage: (after, limit) => reader.keyPage(after, limit),
    changedSince: (after, most, part) => reader.changedSince(after, most, part),
  };
}

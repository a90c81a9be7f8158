/** An import that breaks off, at any place and for any reason, goes on; two at once and writers in between lose nothing. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, call, codeOf, makeOrganization } from '../client.ts';
import { exported, faultsOf, importInto, sendBytes, textOf } from './lines.ts';

const MANY = 12_000;
const subject = (i: number, prefix = 'u') => ({ kind: 'subject', type: 'user', id: `${prefix}${i}` });
const subjects = (count: number, prefix = 'u'): object[] => Array.from({ length: count }, (_, i) => subject(i, prefix));

/** Each line names only what lies above it. */
const ORDERED = [
  { kind: 'privilege', name: 'view' },
  { kind: 'privilege', name: 'all', implies: ['view'] },
  { kind: 'group', name: 'inner' },
  { kind: 'group', name: 'outer' },
  { kind: 'membership', group: 'outer', member: 'group:inner' },
  { kind: 'project', id: 'p1', owners: [{ subject: 'group:outer' }] },
  { kind: 'policy', name: 'Deny', effect: 'deny', privileges: ['view'] },
  { kind: 'role', name: 'Viewer', privileges: ['view'] },
  { kind: 'role', name: 'Less', inherits: ['Viewer'], policies: ['Deny'] },
  { kind: 'policy', project: 'p1', name: 'Own', privileges: ['view'] },
  { kind: 'role', project: 'p1', name: 'Own role', policies: ['Own'] },
  { kind: 'resource', type: 'folder', id: 'f', parents: ['project:p1'] },
  { kind: 'resource', type: 'dataset', id: 'd', parents: ['folder:f'], access: 'restricted' },
  { kind: 'settings', default_role: 'Viewer' },
  { kind: 'route', position: 0, hosts: ['a.example'], methods: ['GET'], path: '/', action: 'view' },
  { kind: 'subject', type: 'user', id: 'ada', status: 'suspended' },
  { kind: 'membership', group: 'inner', member: 'user:ada' },
  { kind: 'assignment', subject: 'user:ada', role: 'p1/Own role', scope: 'dataset:d' },
  { kind: 'assignment', subject: 'user:bob', role: 'Less', scope: 'org' },
];

let n = 0;
let org = '';
beforeEach(async () => {
  org = `going-on-${++n}`;
  await makeOrganization(org);
});

const rowsOf = async (table: string): Promise<number | undefined> =>
  (await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE org = ?1`).bind(org).first<{ n: number }>())?.n;
/** How often each subject was made. */
const made = async (): Promise<unknown> =>
  await env.DB.prepare("SELECT count(*) AS n, count(DISTINCT key) AS keys FROM changes WHERE org = ?1 AND tbl = 'subjects'")
    .bind(org)
    .first();

describe('an import of several chunks', () => {
  it('keeps the chunks before a fault, writes nothing of its chunk, and goes on when it is mended', async () => {
    const lines = subjects(MANY);
    const faulty = lines.toSpliced(7_000, 1, { kind: 'membership', group: 'none', member: 'user:u1' });
    const refused = await importInto(org, faulty);
    expect([codeOf(refused), ...faultsOf(refused)]).toEqual(['422 import_refused', '7001 group unknown_group']);
    const { import: id, ...place } = refused.body.error.details;
    expect(place).toMatchObject({ next_line: 5_001, from_line: 5_001, to_line: 10_000 });
    expect(await rowsOf('subjects')).toBe(5_000);
    const shown = (await call('GET', `/admin/orgs/${org}/import/${id}`)).body;
    expect(shown).toMatchObject({ state: 'failed', lines: 5_000, next_line: 5_001, error: { code: 'import_refused' } });
    const mended = await importInto(org, lines, { query: `?import=${id}` });
    expect(mended.body.import).toMatchObject({ id, state: 'done', lines: MANY, error: null });
    expect(mended.body.import.counts).toEqual({ subject: { created: MANY, updated: 0, unchanged: 0 } });
    expect(await made()).toEqual({ n: MANY, keys: MANY });
  });

  it('writes a line of audit for each chunk that changes something', async () => {
    const { body } = await importInto(org, subjects(MANY));
    const { items } = (await call('GET', `/admin/orgs/${org}/audit?action=import`)).body;
    expect(items.map(({ target, after }: { target: string; after: object }) => [target, after])).toEqual(
      [
        [10_001, MANY],
        [5_001, 10_000],
        [1, 5_000],
      ].map(([from = 0, to = 0]) => [
        `import:${body.import.id}`,
        { from_line: from, to_line: to, lines: { subject: { created: to - from + 1, updated: 0, unchanged: 0 } } },
      ]),
    );
  });

  it('that breaks off while it is sent has applied what its row says', async () => {
    const text = new TextEncoder().encode(textOf(subjects(MANY)));
    let at = 0;
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at > 0.7 * text.length) return controller.error(new Error('gone'));
        controller.enqueue(text.slice(at, at + 50_000));
        at += 50_000;
      },
    });
    await sendBytes(org, broken).catch(() => undefined);
    const [row] = (await call('GET', `/admin/orgs/${org}/imports`)).body.items;
    expect(row.lines).toBe(5_000);
    expect(row.state).not.toBe('done');
    expect(await rowsOf('subjects')).toBe(5_000);
    const rest = await importInto(org, subjects(MANY), { query: `?import=${row.id}` });
    expect(rest.body.import).toMatchObject({ state: 'done', counts: { subject: { created: MANY } } });
    expect(await made()).toEqual({ n: MANY, keys: MANY });
  });
});

describe('a packed body', () => {
  const packed = async (text: string): Promise<Uint8Array> =>
    new Uint8Array(await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer());
  const unpacked = { 'content-encoding': 'gzip' };

  it.each([
    ['is cut', (whole: Uint8Array) => whole.slice(0, -9)],
    ['has lost its checksum', (whole: Uint8Array) => whole.with(whole.length - 6, (whole.at(-6) ?? 0) ^ 1)],
    ['has something behind it', (whole: Uint8Array) => new Uint8Array([...whole, 1, 2, 3])],
  ])('that %s is never taken for a whole one', async (_how, spoil) => {
    const whole = await packed(textOf(subjects(MANY)));
    const { status, body } = await sendBytes(org, spoil(whole), unpacked);
    expect([status, body.error?.code]).toEqual([400, 'malformed_body']);
    const { items } = (await call('GET', `/admin/orgs/${org}/imports`)).body;
    expect(items.map(({ state }: { state: string }) => state)).not.toContain('done');
  });

  it('that breaks behind a chunk is told where it goes on', async () => {
    const whole = await packed(textOf(subjects(MANY)));
    const row = async () => (await call('GET', `/admin/orgs/${org}/imports`)).body.items[0];
    let begun = false;
    const broken = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (!begun) controller.enqueue(whole.slice(0, 0.9 * whole.length));
        else {
          while ((await row()) === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
          controller.enqueue(new Uint8Array(1_000).fill(0xff));
          controller.close();
        }
        begun = true;
      },
    });
    const { status, body } = await sendBytes(org, broken, unpacked);
    const { id, state, lines } = await row();
    expect([status, body.error?.code, state]).toEqual([400, 'malformed_body', 'running']);
    expect([5_000, 10_000]).toContain(lines);
    expect(body.error.details).toEqual({ import: id, next_line: lines + 1 });
    const rest = await sendBytes(org, whole, unpacked, `?import=${id}`);
    expect(rest.body.import).toMatchObject({ state: 'done', counts: { subject: { created: MANY } } });
  });
});

describe('a file in parts', () => {
  it('gives the same wherever it is cut, and however much is sent again', async () => {
    await importInto(org, ORDERED);
    const whole = await exported(org);
    for (let cut = 1; cut < ORDERED.length; cut++) {
      org = `cut-${cut}`;
      await makeOrganization(org);
      const first = await importInto(org, ORDERED.slice(0, cut), { query: '?more=true' });
      expect([first.status, first.body.next_line, first.body.import?.state], first.text).toEqual([200, cut + 1, 'running']);
      // From the cut, or from some line before it.
      const from = 1 + ((cut * 7) % (cut + 1));
      const second = await importInto(org, ORDERED.slice(from - 1), { query: `?import=${first.body.import.id}&from_line=${from}` });
      expect([second.status, second.body.import?.state, second.body.import?.lines], second.text).toEqual([200, 'done', ORDERED.length]);
      expect(await exported(org)).toEqual(whole);
      const counts: { created: number; updated: number }[] = Object.values(second.body.import.counts);
      expect(counts.reduce((sum, { created, updated }) => sum + created + updated, 0)).toBe(ORDERED.length);
    }
  }, 120_000);

  it('is told its lines by their number in the whole file', async () => {
    const answer = await importInto(org, [{ kind: 'membership', group: 'none', member: 'user:a' }], { query: '?from_line=501' });
    expect(faultsOf(answer)).toEqual(['501 group unknown_group']);
    expect(answer.body.error.details).toMatchObject({ next_line: 501, from_line: 501, to_line: 501 });
  });

  it('refuses to leave lines out, and an import that is not there, or is of somebody else', async () => {
    const { body } = await importInto(org, ORDERED.slice(0, 3), { query: '?more=true' });
    const { id } = body.import;
    const gap = await importInto(org, ORDERED, { query: `?import=${id}&from_line=5` });
    expect([codeOf(gap), gap.body.error.details]).toEqual(['409 import_gap', { import: id, next_line: 4 }]);
    await makeOrganization(`${org}-other`);
    for (const [at, named] of [
      [org, 'imp_none'],
      [`${org}-other`, id],
    ]) {
      expect(codeOf(await importInto(`${at}`, ORDERED, { query: `?import=${named}` }))).toBe('404 unknown_import');
      expect(codeOf(await call('GET', `/admin/orgs/${at}/import/${named}`))).toBe('404 unknown_import');
    }
    expect(codeOf(await importInto('nowhere', ORDERED))).toBe('404 unknown_organization');
  });

  it('ends with a last part that says nothing', async () => {
    const { body } = await importInto(org, ORDERED, { query: '?more=true' });
    const end = await importInto(org, '\n\n', { query: `?import=${body.import.id}&from_line=${ORDERED.length + 1}` });
    expect(end.body).toMatchObject({
      next_line: ORDERED.length + 3,
      published: true,
      import: { state: 'done', lines: ORDERED.length + 2 },
    });
    expect((await importInto(org, '')).body).toMatchObject({ import: null, next_line: 1 });
  });
});

describe('at once', () => {
  const goOn = async (lines: readonly object[]): Promise<void> => {
    let answer: Answer = await importInto(org, lines);
    // Whoever loses every race is told where to go on.
    for (let again = 0; answer.status === 409 && again < 20; again++) {
      expect(codeOf(answer)).toBe('409 revision_moved');
      const { import: id } = answer.body.error.details;
      answer = await importInto(org, lines, { query: id === undefined ? '' : `?import=${id}` });
    }
    expect(answer.status, answer.text).toBe(200);
  };

  it('two imports and a writer in between: all of each is there, once', async () => {
    const writer = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) {
        const answer = await call('POST', `/admin/orgs/${org}/subjects`, { type: 'user', id: `w${i}` });
        if (codeOf(answer) === '409 revision_moved') i--;
        else expect(answer.status, answer.text).toBe(201);
      }
    };
    await Promise.all([goOn(subjects(MANY, 'a')), goOn(subjects(MANY, 'b')), writer()]);
    expect(await made()).toEqual({ n: 2 * MANY + 10, keys: 2 * MANY + 10 });
  }, 120_000);

  it('the same import twice: each chunk is applied by one of them', async () => {
    const { body } = await importInto(org, subjects(1), { query: '?more=true' });
    const query = `?import=${body.import.id}`;
    const lines = subjects(MANY);
    const answers = await Promise.all([importInto(org, lines, { query }), importInto(org, lines, { query })]);
    for (const answer of answers) expect(codeOf(answer)).toMatch(/^200$|^409 (import_overtaken|revision_moved)$/);
    const end = await importInto(org, lines, { query });
    expect(end.body.import).toMatchObject({ state: 'done', lines: MANY, counts: { subject: { created: MANY, updated: 0, unchanged: 0 } } });
    expect(await made()).toEqual({ n: MANY, keys: MANY });
  }, 120_000);
});

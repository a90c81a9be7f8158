/** Questions about the past: `at_revision` and `at_time` in checks and batches. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { d1RowWriter } from '../../src/storage/d1/row-writer.ts';
import { type Answer, call, codeOf, makeKey, makeOrganization, putManifest, ROOT } from './client.ts';
import { Acme } from './history-acme.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2030, 2, 1);

const timeText = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
});

afterEach(() => {
  vi.useRealTimers();
});

/**
 * An organization whose past is known, a line an hour: what was given and taken, and when.
 * 0 h made · 1 h ann views · 2 h bo views until 4 h · 3 h ann does no more · 6 h cy views on weekends alone
 */
class Past {
  readonly id: string;
  readonly acme: string;
  /** revision by hour */
  readonly at: number[] = [];
  start = START;
  key = '';
  keyId = '';

  constructor(id: string) {
    this.id = id;
    this.acme = `/admin/orgs/${id}`;
  }

  hour(hours: number): number {
    return this.start + hours * HOUR;
  }

  goTo(hours: number): void {
    vi.setSystemTime(this.hour(hours));
  }

  async admin(method: string, path: string, body?: object): Promise<number> {
    const answer = await call(method, `${this.acme}${path}`, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body.revision;
  }

  async create(): Promise<this> {
    this.goTo(0);
    await makeOrganization(this.id, { owner: 'user:owner' });
    const { body } = await putManifest(this.id, {
      bitgate: 1,
      catalog: { privileges: [{ name: 'view' }] },
      policies: [{ name: 'Weekend', privileges: ['view'], condition: 'now.getDayOfWeek() == 0 || now.getDayOfWeek() == 6' }],
      roles: [
        { name: 'Viewer', privileges: ['view'] },
        { name: 'Asker', privileges: ['bitgate:check', 'bitgate:list'] },
      ],
      resources: [{ type: 'dataset', id: 'd1' }],
      assignments: [{ subject: 'user:owner', role: 'bitgate:owner', scope: 'org' }],
    });
    this.at[0] = body.revision;
    ({ token: this.key, id: this.keyId } = await makeKey(this.id, ['Asker']));
    this.goTo(1);
    this.at[1] = await this.admin('POST', '/assignments', { subject: 'user:ann', role: 'Viewer', scope: 'org' });
    this.goTo(2);
    this.at[2] = await this.admin('POST', '/assignments', {
      subject: 'user:bo',
      role: 'Viewer',
      scope: 'org',
      expires_at: timeText(this.hour(4)),
    });
    this.goTo(3);
    this.at[3] = await this.admin('DELETE', '/assignments?subject=user:ann&role=Viewer&scope=org');
    this.goTo(6);
    this.at[6] = await this.admin('POST', '/assignments', { subject: 'user:cy', policy: 'Weekend', scope: 'org' });
    this.goTo(8);
    return this;
  }

  /** The reason of one question in every form: POST, GET, item of a batch, one of several actions, explained; with a key, or root at either address. */
  async ask(who: string, when: object): Promise<Answer> {
    const question = { subject: `user:${who}`, action: 'view', resource: 'dataset:d1' };
    const query = new URLSearchParams({
      ...question,
      ...Object.fromEntries(Object.entries(when).map(([name, value]) => [name, String(value)])),
    });
    const token = this.key;
    const answers = [
      await call('POST', '/check', { ...question, ...when }, { token }),
      await call('GET', `/check?${query}`, undefined, { token }),
      await call('POST', '/check', { org: this.id, ...question, ...when }),
      await call('GET', `/orgs/${this.id}/check?${query}`),
    ];
    const [first] = answers;
    for (const answer of answers) expect([answer.status, answer.body]).toEqual([first!.status, first!.body]);
    const { action, ...rest } = question;
    const several = await call('POST', '/check', { ...rest, any_of: [action], ...when }, { token });
    const why = await call('POST', `/orgs/${this.id}/check`, { ...question, explain: true, ...when });
    const batch = await call('POST', '/check/batch', { checks: [question], ...when }, { token });
    if (first!.status === 200) {
      const { decision, reason, ...restsOn } = first!.body;
      expect(several.body).toEqual({ decision, reason, actions: [{ action, decision, reason }], ...restsOn });
      const { explanation, ...explained } = why.body;
      expect([explained, explanation.decision]).toEqual([first!.body, decision]);
      expect(batch.body).toEqual({ ...restsOn, results: [{ decision, reason }] });
      for (const { headers } of [...answers, several, why, batch]) {
        expect(headers.get('x-bitgate-revision')).toBe(String(restsOn.revision));
        expect(headers.get('x-bitgate-age-ms'), 'what was true then does not age').toBe('0');
      }
    } else for (const answer of [several, why, batch]) expect([answer.status, answer.body]).toEqual([first!.status, first!.body]);
    // More would be too many within a second of a clock that stands still.
    vi.setSystemTime(Date.now() + 1_000);
    return first!;
  }

  async reason(who: string, when: object): Promise<string> {
    return (await this.ask(who, when)).body.reason;
  }
}

describe('a question about the past', () => {
  let past: Past;
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: START });
    past = await new Past('past').create();
    vi.useRealTimers();
  });
  let minutes = 0;
  // never twice in the same second: it is counted how often one asks
  beforeEach(() => past.goTo(8 + ++minutes / 60));

  it.each([
    ['ann', 0, 'no_grant'],
    ['ann', 1, 'granted'],
    ['ann', 2.5, 'granted'],
    ['ann', 3, 'no_grant'],
    ['ann', 7, 'no_grant'],
    ['bo', 1.5, 'no_grant'],
    ['bo', 2, 'granted'],
    ['bo', 3.999, 'granted'],
    ['bo', 4, 'expired'],
    ['bo', 7, 'expired'],
    ['cy', 5, 'no_grant'],
    ['cy', 6, 'condition_false'],
  ])('%s %d hours after the beginning: %s', async (who, hours, reason) => {
    const { body } = await past.ask(who, { at_time: timeText(past.hour(hours)) });
    const since = past.at.findLastIndex((revision, hour) => revision !== undefined && hour <= hours);
    expect(body).toEqual({ decision: reason === 'granted', reason, revision: expect.any(Number), at_time: timeText(past.hour(hours)) });
    if (since > 0) expect(body.revision).toBe(past.at[since]);
  });

  it('lists exactly those whom a check allows, then', async () => {
    const token = past.key;
    const who = ['ann', 'bo', 'cy', 'owner'];
    for (const hours of [0.5, 1, 2, 3, 4, 6, 7]) {
      const when = { at_time: timeText(past.hour(hours)) };
      const checks = who.map((id) => ({ subject: `user:${id}`, action: 'view' }));
      const { body: batch } = await call('POST', '/check/batch', { checks, ...when }, { token });
      const { body: list } = await call('POST', '/list/subjects', { action: 'view', type: 'user', ...when }, { token });
      const allowed = who.filter((_, i) => batch.results[i].decision).map((id) => `user:${id}`);
      expect([list.revision, list.at_time, list.items], `${hours} hours`).toEqual([batch.revision, when.at_time, allowed]);
      vi.setSystemTime(Date.now() + 1_000);
    }
  });

  it('may ask why it was so then, and what would have been', async () => {
    const question = { subject: 'user:bo', action: 'view', resource: 'dataset:d1', explain: true };
    const then = await call('POST', '/orgs/past/check', { ...question, at_time: timeText(past.hour(3)) });
    expect([then.body.reason, then.body.at_time, then.headers.get('x-bitgate-revision')]).toEqual([
      'granted',
      timeText(past.hour(3)),
      String(past.at[3]),
    ]);
    const late = await call('POST', '/orgs/past/check', { ...question, at_revision: past.at[3] });
    expect([late.body.reason, late.body.explanation.decision], 'by its rows, today').toEqual(['expired', false]);
    const assume = [{ subject: 'user:nobody', role: 'Viewer', scope: 'org' }];
    const what = { subject: 'user:nobody', action: 'view', assume };
    expect((await call('POST', '/orgs/past/check', { ...what, at_time: timeText(past.hour(1)) })).body).toEqual({
      decision: true,
      reason: 'granted',
      assumed: true,
      revision: past.at[1],
      at_time: timeText(past.hour(1)),
    });
    const { status } = await call('POST', '/check', { ...question, at_revision: past.at[3] }, { token: past.key });
    expect(status, 'who may ask why is decided by the present').toBe(403);
  });

  it('by revision is about its rows, at the present time', async () => {
    expect((await past.ask('ann', { at_revision: past.at[1] })).body).toEqual({ decision: true, reason: 'granted', revision: past.at[1] });
    expect(await past.reason('ann', { at_revision: past.at[0] })).toBe('no_grant');
    expect(await past.reason('ann', { at_revision: past.at[3] })).toBe('no_grant');
    expect(await past.reason('bo', { at_revision: past.at[2] }), 'the window is over by now').toBe('expired');
  });

  it('by both is about the rows of the one with the clock of the other', async () => {
    expect(await past.reason('bo', { at_revision: past.at[6], at_time: timeText(past.hour(3)) })).toBe('granted');
    expect(await past.reason('bo', { at_revision: past.at[1], at_time: timeText(past.hour(3)) })).toBe('no_grant');
    // the rows of a revision may be asked at a time before there was anything
    const sunday = Date.UTC(2030, 1, 24, 12);
    expect((await past.ask('cy', { at_revision: past.at[6], at_time: timeText(sunday) })).body).toEqual({
      decision: true,
      reason: 'granted',
      revision: past.at[6],
      at_time: '2030-02-24T12:00:00Z',
    });
  });

  it('may be about the newest revision, and about this very moment', async () => {
    const newest = past.at[6]!;
    expect((await past.ask('cy', { at_revision: newest })).body).toEqual({ decision: false, reason: 'condition_false', revision: newest });
    const now = timeText(Date.now());
    expect((await past.ask('bo', { at_time: now })).body).toEqual({ decision: false, reason: 'expired', revision: newest, at_time: now });
  });

  it('takes a time with another zone, and says it in UTC', async () => {
    const { body } = await past.ask('ann', { at_time: '2030-03-01T03:00:00.250+01:00' });
    expect(body).toEqual({ decision: true, reason: 'granted', revision: past.at[2], at_time: '2030-03-01T02:00:00.250Z' });
  });

  it('is 404 before the first revision, and for a revision that never was', async () => {
    const before = await past.ask('ann', { at_time: timeText(past.hour(-1)) });
    expect([codeOf(before), before.body.decision]).toEqual(['404 unknown_revision', false]);
    expect(before.body.error.details).toEqual({
      at_time: timeText(past.hour(-1)).replace('Z', '.000Z'),
      nearest: expect.any(Number),
      next: expect.any(Number),
    });
    for (const at_revision of [0, 999_999, 999_999_999_999_999])
      expect(codeOf(await past.ask('ann', { at_revision }))).toBe('404 unknown_revision');
  });

  it('is never about another organization', async () => {
    await makeOrganization('neighbour', { owner: 'user:owner' });
    const { body } = await call('GET', '/admin/orgs/neighbour');
    expect(codeOf(await past.ask('ann', { at_revision: body.revision }))).toBe('404 unknown_revision');
    const { token } = await makeKey('neighbour');
    const foreign = { org: 'past', subject: 'user:ann', action: 'view', at_revision: past.at[1] };
    expect(codeOf(await call('POST', '/check', foreign, { token }))).toBe('404 unknown_organization');
    expect(codeOf(await call('POST', '/orgs/past/check', { ...foreign, org: undefined }, { token }))).toBe('404 unknown_organization');
    expect(codeOf(await call('POST', '/orgs/nowhere/check', { subject: 'user:ann', action: 'view', at_revision: 1 }))).toBe(
      '404 unknown_organization',
    );
  });

  it.each([
    ['a time in the future', { at_time: timeText(START + 9 * HOUR) }],
    ['no time', { at_time: 'yesterday' }],
    ['a day that is none', { at_time: '2030-02-30T00:00:00Z' }],
    ['a time without zone', { at_time: '2030-02-20T00:00:00' }],
    ['a revision below zero', { at_revision: -1 }],
    ['a part of a revision', { at_revision: 1.5 }],
    ['the past, and freshness', { at_revision: 1, min_revision: 1 }],
    ['the past, and an age', { at_time: timeText(START), max_age_ms: 5_000 }],
  ])('is refused with %s', async (_what, when) => {
    for (const [path, body] of [
      ['/check', { subject: 'user:ann', action: 'view', ...when }],
      ['/check/batch', { checks: [{ subject: 'user:ann', action: 'view' }], ...when }],
    ] as const) {
      const answer = await call('POST', path, body, { token: past.key });
      expect([answer.status, answer.body.decision], path).toEqual([400, false]);
      expect((await call('POST', `/orgs/past${path}`, body)).status).toBe(400);
    }
    const query = new URLSearchParams({
      subject: 'user:ann',
      action: 'view',
      ...Object.fromEntries(Object.entries(when).map(([k, v]) => [k, String(v)])),
    });
    expect((await call('GET', `/check?${query}`, undefined, { token: past.key })).status).toBe(400);
  });

  it('is no part of an item of a batch', async () => {
    const checks = [{ subject: 'user:ann', action: 'view', at_revision: past.at[1] }];
    const { body } = await call('POST', '/check/batch', { checks }, { token: past.key });
    expect(body.results[0].error.code).toBe('invalid_check');
  });
});

describe('what is not kept', () => {
  it('is 410, with what is kept next to it, and never answered by another revision', async () => {
    const past = await new Past('dropped').create();
    // Within one hour: of these the last alone stays, when the days in which all are kept are over.
    past.goTo(30);
    const gone = await past.admin('POST', '/assignments', { subject: 'user:dee', role: 'Viewer', scope: 'org' });
    vi.setSystemTime(past.hour(30) + 10 * MINUTE);
    const stays = await past.admin('DELETE', '/assignments?subject=user:dee&role=Viewer&scope=org');
    past.goTo(40);
    await past.admin('POST', '/assignments', { subject: 'user:eve', role: 'Viewer', scope: 'org' });
    expect(await past.reason('dee', { at_time: timeText(past.hour(30)) })).toBe('granted');
    await new Acme('dropped').age(3);
    const dropped = await past.ask('dee', { at_revision: gone });
    expect([codeOf(dropped), dropped.body.error.details]).toEqual([
      '410 revision_dropped',
      { revision: gone, nearest: stays, next: stays },
    ]);
    for (const minutes of [0, 5, 9.99]) {
      const when = past.hour(30) + minutes * MINUTE;
      const answer = await past.ask('dee', { at_time: timeText(when) });
      expect(codeOf(answer), `${minutes} minutes`).toBe('410 revision_dropped');
      expect(answer.body.error.details.next).toBe(stays);
    }
    expect(await past.reason('dee', { at_time: timeText(past.hour(30) + 10 * MINUTE) })).toBe('no_grant');
    expect((await past.ask('ann', { at_time: timeText(past.hour(29)) })).body.revision, 'the one before stood until then').toBe(past.at[6]);
  });
});

describe('who may ask about the past', () => {
  it('is decided by the present: not a key that was good then, and one that is new now', async () => {
    const past = await new Past('callers').create();
    const question = { subject: 'user:ann', action: 'view', at_revision: past.at[1] };
    expect((await call('POST', '/check', question, { token: past.key })).body.reason).toBe('granted');
    await past.admin('PATCH', `/api-keys/${past.keyId}`, { status: 'disabled' });
    vi.setSystemTime(Date.now() + 20_000);
    for (const when of [{ at_revision: past.at[1] }, { at_time: timeText(past.hour(1)) }]) {
      const { status } = await call('POST', '/check', { subject: 'user:ann', action: 'view', ...when }, { token: past.key });
      expect(status).toBe(401);
    }
    const { token } = await makeKey('callers');
    expect((await call('POST', '/check', question, { token })).body.reason).toBe('granted');
    const { token: reader } = await makeKey('callers', ['Viewer']);
    expect(codeOf(await call('POST', '/check', question, { token: reader }))).toBe('403 missing_privilege');
  });

  it('is limited as those who ask the source: each key by itself, and root by organization', async () => {
    const past = await new Past('limited').create();
    const other = await new Past('limited-too').create();
    past.goTo(9);
    const ask = async (token: string, org: Past): Promise<string> =>
      codeOf(await call('POST', '/check', { org: org.id, subject: 'user:ann', action: 'view', at_revision: org.at[1] }, { token }));
    for (const token of [past.key, ROOT]) {
      for (let i = 0; i < 20; i++) expect(await ask(token, past)).toBe('200');
      const refused = await call('POST', '/orgs/limited/check/batch', { checks: [], at_time: timeText(past.hour(1)) }, { token });
      expect([codeOf(refused), refused.headers.get('retry-after')]).toEqual(['429 too_many_fresh_checks', '1']);
    }
    expect(await ask(ROOT, other)).toBe('200');
    expect(await ask(other.key, other)).toBe('200');
    const present = await call('POST', '/check', { subject: 'user:ann', action: 'view' }, { token: past.key });
    expect(present.status, 'the present is not limited').toBe(200);
    vi.setSystemTime(Date.now() + 1_000);
    expect(await ask(past.key, past)).toBe('200');
  });
});

describe('a state that was published together with a later one', () => {
  it('can not be asked by itself: the later one is named', async () => {
    const past = await new Past('together').create();
    const acme = new Acme('together');
    const audit = { actor: 'root', action: 'test.write', target: 'organization', requestId: 'r', before: null, after: null };
    const write = async (subject: string): Promise<number> => {
      const insert = [{ subject, status: 'active', properties: '{}' } as const];
      const changes = { subjects: { insert, update: [], delete: [] } };
      return (await d1RowWriter(env.DB, past.id).apply(await acme.revision(), changes, audit, Date.now())).revision;
    };
    const between = await write('user:first');
    const last = await write('user:second');
    const early = await past.ask('ann', { at_revision: between });
    expect([codeOf(early), early.body.reason], 'before it is published').toEqual(['503 stale', 'stale']);
    await acme.stub().publish({ org: past.id });
    const answer = await past.ask('ann', { at_revision: between });
    expect([codeOf(answer), answer.body.error.details]).toEqual(['410 revision_dropped', { revision: between, nearest: last, next: last }]);
    expect((await past.ask('ann', { at_revision: last })).status).toBe(200);
  });
});

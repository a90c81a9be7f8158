/** `Server-Timing`: what an answer waited for, and nothing where it waited for nothing. */
import { beforeAll, describe, expect, it } from 'vitest';
import { tellWaits, type Waiting, waited } from '../../src/http/common/waits.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { makeAcme } from './acme.ts';
import { call } from './client.ts';

beforeAll(makeAcme);

describe('Server-Timing', () => {
  it('names what was waited for and how long, in order, also when that failed', async () => {
    const clock = new VirtualClock();
    const waiting: Waiting = { services: { now: () => clock.now() } };
    await clock.settle(waited(waiting, 'snapshot', clock.sleep(12)));
    await clock.settle(waited(waiting, 'nothing', Promise.resolve()));
    const failing = clock.sleep(3).then(() => Promise.reject(new Error('down')));
    await clock.settle(waited(waiting, 'leaves', failing).catch(() => {}));
    const reply = new Response(null);
    tellWaits(waiting, reply);
    expect(reply.headers.get('server-timing')).toBe('snapshot;dur=12, leaves;dur=3');
  });

  it('is absent where nothing was waited for', () => {
    const reply = new Response(null);
    tellWaits({ services: { now: () => 0 } }, reply);
    expect(reply.headers.has('server-timing')).toBe(false);
  });

  it('holds plain words and milliseconds alone', async () => {
    const answers = await Promise.all([
      call('POST', '/check', { org: 'acme', subject: 'user:a', action: 'view', max_age_ms: 0 }),
      call('POST', '/admin/orgs/acme/roles', { name: 'Timed', privileges: [] }),
      call('POST', '/orgs/acme/list/actions', { subject: 'user:owner' }),
    ]);
    const told = answers.map(({ headers }) => headers.get('server-timing')).filter((each) => each !== null);
    expect(told.length).toBeGreaterThan(0);
    for (const each of told) expect(each).toMatch(/^(?:(?:caller|body|snapshot|leaves|total);dur=\d+(?:, |$))+$/);
  });
});

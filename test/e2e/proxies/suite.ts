/** What holds of every reverse proxy that runs here, whichever it is. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FAILURES } from './failures.ts';
import { describePassing } from './passing.ts';
import { sendRaw } from './raw-client.ts';
import { type ProxyServer, Rig } from './rig.ts';
import { SPELLINGS } from './spellings/index.ts';
import { acceptable } from './spellings/request.ts';
import { SIGN_IN } from './world.ts';

export function describeProxy(proxy: ProxyServer): void {
  const rig = new Rig(proxy);
  beforeAll(() => rig.start());
  afterAll(() => rig.stop());
  // what a test that failed has left
  beforeEach(() => {
    rig.upstream.take();
  });
  describePassing(rig);
  describeRefused(rig);
  describeClient(rig);
  describeFailures(rig);
  // last: it takes away what the others need
  describeChanges(rig);
}

function describeRefused(rig: Rig): void {
  describe(`SEC-39 behind ${rig.name}, the upstream never sees`, () => {
    it.each(SPELLINGS)('$name', async (spelling) => {
      const { statuses, text } = await sendRaw(rig.port, spelling.bytes(rig.parties));
      expect(rig.upstream.take()).toEqual([]);
      // A proxy may also hang up, or answer in the way of HTTP/0.9.
      for (const status of statuses) expect(acceptable(spelling), text.slice(0, 300)).toContain(status);
    });
  });
}

function describeClient(rig: Rig): void {
  describe(`through ${rig.name}, a client`, () => {
    it('is told to authenticate, or no, and why', async () => {
      const anonymous = await rig.send('/reports/q1', { authorization: null });
      expect([anonymous.statuses, anonymous.headers.get('www-authenticate')]).toEqual([[401], expect.stringContaining('Bearer')]);
      const denied = await rig.send('/admin/users');
      expect(denied.statuses).toEqual([403]);
      expect(rig.upstream.take()).toEqual([]);
    });

    it('is sent to sign in when it is a browser, and comes back to where it was', async () => {
      const { statuses, headers } = await rig.send('/reports/q1?a=b', {
        authorization: null,
        headers: ['Accept: text/html', 'Sec-Fetch-Mode: navigate'],
      });
      expect(statuses).toEqual([302]);
      const location = new URL(headers.get('location') ?? '');
      expect(location.origin + location.pathname).toBe(SIGN_IN);
      expect([...location.searchParams.values()]).toEqual([
        expect.stringMatching(/^https?:\/\/app\.example\.com(:\d+)?\/reports\/q1\?a=b$/),
      ]);
      expect(rig.upstream.take()).toEqual([]);
    });
  });
}

function describeFailures(rig: Rig): void {
  describe(`SEC-35 behind ${rig.name}, nothing reaches the upstream`, () => {
    const nothingPasses = async (): Promise<void> => {
      const { statuses, text } = await rig.send('/reports/q1');
      expect(
        statuses.filter((status) => status < 400),
        text.slice(0, 300),
      ).toEqual([]);
      expect(rig.upstream.take()).toEqual([]);
    };

    it('while bitgate is stopped, and what is allowed passes when it is back', async () => {
      await rig.way.whileStopped(nothingPasses);
      await expect.poll(async () => (await rig.send('/reports/q1')).statuses, { timeout: 15_000 }).toEqual([200]);
      expect(rig.upstream.take().length).toBeGreaterThan(0);
    });

    it.each(Object.entries(FAILURES))('while what should be bitgate %s', async (_name, stand) => {
      await rig.way.whileReplaced(stand, nothingPasses);
    });
  });
}

function describeChanges(rig: Rig): void {
  describe(`a change, behind ${rig.name},`, () => {
    it('takes away with its publish what was allowed before it', async () => {
      const before = await rig.send('/admin/users', { authorization: `Bearer ${rig.parties.adminToken}` });
      expect([before.statuses, rig.upstream.take().length]).toEqual([[200], 1]);
      await rig.world.admin('PATCH', '/settings', { claim_mappings: [] });
      const after = await rig.send('/admin/users', { authorization: `Bearer ${rig.parties.adminToken}` });
      expect([after.statuses, rig.upstream.take()]).toEqual([[403], []]);
    });

    it('lets nobody through once the key of the proxy is gone', async () => {
      const id = rig.parties.proxyKey.split('_')[2];
      await rig.world.admin('DELETE', `/api-keys/${id}`);
      expect([(await rig.send('/reports/q1')).statuses, rig.upstream.take()]).toEqual([[403], []]);
    });
  });
}

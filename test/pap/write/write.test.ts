import { describe, expect, it } from 'vitest';
import { BitgateError } from '../../../src/core/terms/problem.ts';
import type { ControlTools, PublishReport } from '../../../src/pap/control-ports.ts';
import type { Writer } from '../../../src/pap/write/moment.ts';
import { type Decided, write } from '../../../src/pap/write/write.ts';

const writer: Writer = { actor: 'root', subject: null, requestId: 'r' };
const decided: Decided<string> = {
  changes: {},
  audit: { action: 'a', target: 't', before: null, after: null },
  value: 'done',
};

interface World {
  readonly tools: ControlTools;
  readonly log: string[];
}

/** Revision 5 is in D1 and published; each `apply` makes the next one. */
function world(
  faults: {
    readonly pointer?: number;
    readonly moved?: number;
    readonly publisherDown?: boolean;
    readonly publishFails?: boolean;
    readonly publishHangs?: boolean;
  } = {},
): World {
  const log: string[] = [];
  let revision = 5;
  let published = faults.pointer ?? 5;
  let moved = faults.moved ?? 0;
  const report = (): PublishReport => ({
    revision: published,
    changed: true,
    blobs_written: 1,
    bytes_written: 1,
    ms: 1,
    full: false,
    problems: [],
    problem_count: 0,
  });
  // Only what `write` touches; anything else would fail loudly.
  const tools = {
    organization: 'acme',
    organizations: { get: async () => ({ id: 'acme', name: '', preset: 'blank', createdAt: 0 }) },
    reader: { revision: async () => revision },
    writer: {
      apply: async (expected: number) => {
        log.push(`apply at ${expected}`);
        if (moved > 0) {
          moved--;
          revision++;
          throw new BitgateError('revision_moved', 409, 'moved');
        }
        return { revision: ++revision, rows: 1 };
      },
    },
    publisher: {
      pointer: async () => {
        if (faults.publisherDown) throw new Error('down');
        return { revision: published };
      },
      publish: async () => {
        log.push('publish');
        if (faults.publishHangs) return new Promise<PublishReport>(() => undefined);
        if (faults.publishFails && revision > 5) throw new Error('failed');
        published = revision;
        return report();
      },
    },
    open: async (wanted: number) => {
      if (published < wanted) throw new BitgateError('stale', 503, 'stale');
      return { revision: published, snapshot: undefined, decide: () => ({ decision: true, reason: 'granted' }) };
    },
    now: () => 0,
    sleep: () => new Promise<void>((resolve) => setTimeout(resolve, 20)),
    fill: () => undefined,
    later: () => undefined,
  } as unknown as ControlTools;
  return { tools, log };
}

describe('a write', () => {
  it('is guarded with the revision that it was decided at, and published', async () => {
    const { tools, log } = world();
    expect(await write(tools, writer, 'wait', async () => decided)).toEqual({ value: 'done', changed: true, revision: 6, published: true });
    expect(log).toEqual(['apply at 5', 'publish']);
  });

  it('publishes first what is not published, since rights are those of the newest revision', async () => {
    const { tools, log } = world({ pointer: 4 });
    await write(tools, writer, 'wait', async (moment) => {
      expect([moment.revision, moment.point?.revision]).toEqual([5, 5]);
      return decided;
    });
    expect(log).toEqual(['publish', 'apply at 5', 'publish']);
  });

  it('is decided anew when somebody else wrote in between', async () => {
    const { tools, log } = world({ moved: 2 });
    const seen: number[] = [];
    const written = await write(tools, writer, 'wait', async ({ revision }) => {
      seen.push(revision);
      return decided;
    });
    expect(seen).toEqual([5, 6, 7]);
    expect(written.revision).toBe(8);
    expect(log.filter((line) => line.startsWith('apply'))).toEqual(['apply at 5', 'apply at 6', 'apply at 7']);
  });

  it('gives up after five attempts', async () => {
    const { tools, log } = world({ moved: 99 });
    await expect(write(tools, writer, 'wait', async () => decided)).rejects.toMatchObject({ code: 'revision_moved', status: 409 });
    expect(log.filter((line) => line.startsWith('apply'))).toHaveLength(5);
  });

  it('fails whole, before anything is written, when the Publisher is down', async () => {
    const { tools, log } = world({ publisherDown: true });
    await expect(write(tools, writer, 'wait', async () => decided)).rejects.toMatchObject({ code: 'publisher_unavailable', status: 503 });
    expect(log).toEqual([]);
  });

  it('that changes nothing writes nothing', async () => {
    const { tools, log } = world();
    const written = await write(tools, writer, 'wait', async () => ({ ...decided, changes: null }));
    expect([written, log]).toEqual([{ value: 'done', changed: false, revision: 5, published: true }, []]);
  });

  it.each([{ publishFails: true }, { publishHangs: true }])('stands when its publication does not come: %o', async (fault) => {
    const { tools } = world(fault);
    expect(await write(tools, writer, 'wait', async () => decided)).toMatchObject({ changed: true, revision: 6, published: false });
  });

  it('does not wait for its publication when that is asked for', async () => {
    const { tools, log } = world({ publishHangs: true });
    expect((await write(tools, writer, 'async', async () => decided)).published).toBe(false);
    expect(log).toEqual(['apply at 5', 'publish']);
  });

  it('of a subject is refused when its rights at the newest revision can’t be known', async () => {
    const { tools } = world({ pointer: 4, publishHangs: false });
    const stuck: ControlTools = {
      ...tools,
      publisher: { ...tools.publisher, publish: async () => ({ ...(await tools.publisher.publish()), revision: 4 }) },
      open: async () => Promise.reject(new BitgateError('stale', 503, 'stale')),
    };
    const key: Writer = { actor: 'api_key:k', subject: { type: 'api_key', id: 'k' }, requestId: 'r' };
    await expect(write(stuck, key, 'wait', async () => decided)).rejects.toMatchObject({ code: 'stale', status: 503 });
    // root repairs what can't be published
    expect((await write(stuck, writer, 'wait', async ({ point }) => ({ ...decided, value: String(point) }))).value).toBe('null');
  });
});

/** The sinks of the decision log: a dataset of Analytics Engine, a queue. Their limits are Cloudflare's, with room to spare. */
import { utf8Length } from '../core/terms/ref.ts';
import type { DecisionSink } from '../pdp/decision-log/ports.ts';
import type { DecisionRecord } from '../pdp/decision-log/record.ts';

/** of the form of a message; higher when it says something else */
const FORMAT = 1;
/** a message may have 128 KB, and a batch of them 256 KB and 100 messages */
const MESSAGE_BYTES = 100_000;
const MESSAGES_AT_ONCE = 2;
/** what encodes a message: `{"format":1,"records":[]}` */
const AROUND_BYTES = 100;
/** points that one invocation may write */
const POINTS = 250;

/**
 * One point each. Index: the organization. Blobs: face, caller, subject, action, resource, `allow` or `deny`, reason, what else is to be said
 * (`past`, `assumed`, `cut`). Doubles: time (ms since 1970), revision, age (ms), share, the past time (ms) or 0.
 */
export function analyticsSink(dataset: AnalyticsEngineDataset): DecisionSink {
  return {
    name: 'analytics',
    perInvocation: POINTS,
    send: async (records) => {
      for (const record of records) dataset.writeDataPoint(pointOf(record));
      return records.length;
    },
  };
}

function pointOf(record: DecisionRecord): AnalyticsEngineDataPoint {
  const { organization, face, caller, subject, action, resource, decision, reason, time, revision, age_ms, share, past_at } = record;
  const marks = [past_at === undefined ? [] : ['past'], record.assumed ? ['assumed'] : [], record.cut ? ['cut'] : []].flat();
  return {
    indexes: [organization],
    blobs: [face, caller, subject, action, resource, decision ? 'allow' : 'deny', reason, marks.join(' ')],
    doubles: [time, revision, age_ms, share, past_at ?? 0],
  };
}

/** Messages of JSON, `{format, records}`, of as many records as fit. */
export function queueSink(queue: Queue): DecisionSink {
  return {
    name: 'queue',
    perInvocation: 20_000,
    send: async (records) => {
      const packs = packed(records);
      let taken = 0;
      for (let at = 0; at < packs.length; at += MESSAGES_AT_ONCE) {
        const some = packs.slice(at, at + MESSAGES_AT_ONCE);
        try {
          await queue.sendBatch(some.map((each) => ({ body: { format: FORMAT, records: each }, contentType: 'json' })));
        } catch (error) {
          if (taken === 0) throw error;
          return taken;
        }
        taken += some.reduce((sum, { length }) => sum + length, 0);
      }
      return taken;
    },
  };
}

function packed(records: readonly DecisionRecord[]): DecisionRecord[][] {
  const packs: DecisionRecord[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    const size = utf8Length(JSON.stringify(record)) + 1;
    if (bytes + size > MESSAGE_BYTES) {
      packs.push([]);
      bytes = AROUND_BYTES;
    }
    packs.at(-1)!.push(record);
    bytes += size;
  }
  return packs;
}

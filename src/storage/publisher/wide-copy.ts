/** KV's copies of what is published: the pieces first, the pointer once KV has all of them, so that whoever has KV alone can open what it names. */
import { log, messageOf } from '../../log.ts';
import type { Pointer } from '../../pdp/ports.ts';
import { pointerKey } from '../kv/keys.ts';
import type { Alarm } from './alarm.ts';
import type { Host } from './host.ts';
import type { PieceStore } from './piece-store.ts';
import type { Published } from './published.ts';
import { readState, writeState } from './schema.ts';

/** KV takes one write a second to one key. */
export const POINTER_COPY_MS = 1_000;
/** KV lists what was put a minute ago, at the latest; twice that */
const KV_SETTLES_MS = 2 * 60_000;
/** A publish of more pieces leaves it to the alarm to give them to KV: nobody waits for that. */
const COPIED_AT_ONCE = 20;

interface Copied {
  readonly pointer: Pointer | null;
  readonly at: number;
}

export class WideCopy {
  readonly #host: Host;
  readonly #alarm: Alarm;
  readonly #published: Published;

  constructor(host: Host, alarm: Alarm, published: Published) {
    this.#host = host;
    this.#alarm = alarm;
    this.#published = published;
  }

  get #sql(): SqlStorage {
    return this.#host.storage.sql;
  }

  /** Gives KV the pieces of the published revision, some of a large one, and the pointer if it has all. The alarm sees to the rest, and to what is abandoned. */
  async copySome(store: PieceStore): Promise<void> {
    const all = await store.copyRest(COPIED_AT_ONCE);
    if (store.hasLeft()) await this.#alarm.wakeIn(all ? 0 : POINTER_COPY_MS);
    await this.copyPointer(store);
  }

  /**
   * Gives KV the pointer, once a second at most, and not before it has all pieces. What can't be given now is given by the alarm, the last one always.
   */
  async copyPointer(store: PieceStore): Promise<void> {
    const copied = readState<Copied>(this.#sql, 'copied') ?? { pointer: null, at: 0 };
    const { pointer } = this.#published;
    if (pointer === null || JSON.stringify(copied.pointer) === JSON.stringify(pointer)) return;
    if (!store.allInKv()) return this.#alarm.wakeIn(POINTER_COPY_MS);
    const now = this.#host.now();
    const due = copied.at + POINTER_COPY_MS;
    if (now < due) return this.#alarm.wakeAt(due);
    const org = readState<string>(this.#sql, 'organization')!;
    try {
      writeState(this.#sql, 'copied', { pointer: copied.pointer, at: now } satisfies Copied);
      await this.#host.env().KV.put(pointerKey(org), JSON.stringify(pointer));
      writeState(this.#sql, 'copied', { pointer, at: now } satisfies Copied);
    } catch (error) {
      const message = 'KV did not take the pointer: it will be given again';
      log('warn', 'pointer_not_copied', { message, organization: org, error: messageOf(error) });
    }
    if (JSON.stringify(readState<Copied>(this.#sql, 'copied')?.pointer) !== JSON.stringify(this.#published.pointer)) {
      await this.#alarm.wakeIn(POINTER_COPY_MS);
    }
  }

  /**
   * The organization ended: nothing is served any more. KV may list for some minutes what it had: the alarm takes that out.
   * @returns whether anything was served
   */
  async end(store: PieceStore, org: string, started: number): Promise<boolean> {
    const { pointer } = this.#published;
    if (pointer === null) return false;
    this.#published.end(store, org, pointer.revision, started + KV_SETTLES_MS);
    await this.#host
      .env()
      .KV.delete(pointerKey(org))
      .catch(() => undefined);
    return true;
  }

  /** May KV still list what an organization had that ended? */
  isClearing(): boolean {
    return readState(this.#sql, 'clear_until') !== undefined;
  }

  /** Takes from KV what the strong copy doesn't have, until it lists nothing of the kind any more. */
  async clear(store: PieceStore): Promise<void> {
    const until = readState<number>(this.#sql, 'clear_until');
    if (until === undefined) return;
    const all = await store.clearKv(() => this.#published.pointer !== null).catch(() => false);
    if (all && this.#host.now() >= until) this.#sql.exec("DELETE FROM state WHERE name = 'clear_until'");
    else await (all ? this.#alarm.wakeAt(until) : this.#alarm.wakeIn(POINTER_COPY_MS));
  }
}

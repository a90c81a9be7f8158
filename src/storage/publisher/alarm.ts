/** The object's one alarm: the earliest time that anybody asked for is what counts, and whoever it wakes sees to all that is due. */
import type { Host } from './host.ts';
import { readState, writeState } from './schema.ts';

export class Alarm {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** @param ms from now on; 0: as soon as this invocation is over */
  wakeIn(ms: number): Promise<void> {
    return this.wakeAt(this.#host.now() + ms);
  }

  /** @param at ms since 1970 */
  async wakeAt(at: number): Promise<void> {
    const { storage } = this.#host;
    const set = await storage.getAlarm();
    if (set === null || set > at) await storage.setAlarm(at);
  }

  /** Is it time to look for what is old? */
  collectionIsDue(): boolean {
    const due = this.#collectAt();
    return due !== undefined && due <= this.#host.now();
  }

  /** Collects at the latest in so many ms. Belongs into the transaction that makes it needed. */
  planCollection(ms: number): void {
    writeState(this.#host.storage.sql, 'collect_at', Math.min(this.#collectAt() ?? Number.POSITIVE_INFINITY, this.#host.now() + ms));
  }

  /** After a collection. @param next ms until the next one that is needed; null: none is */
  collected(next: number | null): void {
    this.#host.storage.transactionSync(() => {
      this.#host.storage.sql.exec("DELETE FROM state WHERE name = 'collect_at'");
      if (next !== null) this.planCollection(next);
    });
  }

  async wakeToCollect(): Promise<void> {
    const due = this.#collectAt();
    if (due !== undefined) await this.wakeAt(due);
  }

  #collectAt(): number | undefined {
    return readState<number>(this.#host.storage.sql, 'collect_at');
  }
}

/** What D1 knows of this publisher: how far it has come, for the sweep; and that no revision of D1 lies below one that was published. */
import { log, messageOf } from '../../log.ts';
import { behind, ensureRevisionAbove, markPublished, notedRevision } from '../d1/published.ts';
import { d1RowReader } from '../d1/row-reader.ts';
import type { Host } from './host.ts';
import type { Published } from './published.ts';
import { readState } from './schema.ts';

export class Records {
  readonly #host: Host;
  readonly #published: Published;

  constructor(host: Host, published: Published) {
    this.#host = host;
    this.#published = published;
  }

  get #db(): D1Database {
    return this.#host.env().DB;
  }

  /** Lifts the organization's revision to one that may be published, if it lies below. */
  async raise(org: string): Promise<void> {
    const floor = await this.#floor(org);
    if (floor > 0) await ensureRevisionAbove(this.#db, org, floor, this.#host.now());
  }

  /** What the revision must not lie below; 0: this is the first of all. */
  async #floor(org: string): Promise<number> {
    const ended = readState<number>(this.#host.storage.sql, 'floor') ?? 0;
    const known = Math.max(this.#published.pointer?.revision ?? 0, ended);
    if (known > 0) return known;
    // Only D1 knows of a revision: this object's storage was lost. Isolates were told since that there is none, and take nothing but what is newer.
    const noted = await notedRevision(this.#db, org);
    return noted === 0 ? 0 : noted + 1;
  }

  /** Tells the sweep how far the organization is. If that fails the sweep calls again, and nothing is left to do. */
  async note(org: string): Promise<void> {
    const { pointer } = this.#published;
    if (pointer !== null) await this.#noteRevision(org, pointer.revision);
  }

  /** After its end the organization is as far as it will ever be. @returns the revision */
  async noteEnd(org: string): Promise<number> {
    const revision = await d1RowReader(this.#db, org).revision();
    await this.#noteRevision(org, revision);
    return revision;
  }

  async #noteRevision(org: string, revision: number): Promise<void> {
    try {
      await markPublished(this.#db, org, revision, this.#host.now());
    } catch (error) {
      log('warn', 'publish_not_noted', { organization: org, message: 'could not note the published revision', error: messageOf(error) });
    }
  }

  /** When the oldest change was written that isn't published (ms); undefined: there is none. */
  async behindSince(org: string): Promise<number | undefined> {
    return (await behind(this.#db)).find((item) => item.org === org)?.since;
  }
}

/**
 * What the Worker's own isolate holds, asked of workerd's inspector. Resident memory is no measure of it: the simulators of D1, KV and Durable Objects
 * live in the same process, and so does garbage that nobody has collected yet.
 */
import type { Miniflare } from 'miniflare';

const MIB = 1_024 * 1_024;
/** miniflare's name for the isolate of the Worker `bitgate`; its Durable Objects run in it too */
const ISOLATE = 'core:user:bitgate';

interface HeapUsage {
  readonly usedSize: number;
  readonly backingStorageSize: number;
}

interface Message {
  readonly id?: number;
  readonly result?: HeapUsage;
  readonly error?: { readonly message: string };
}

export class Isolate {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<HeapUsage | undefined>>();
  #sent = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    // `as`: what the protocol of the inspector sends
    socket.addEventListener('message', ({ data }) => this.#receive(JSON.parse(String(data)) as Message));
    socket.addEventListener('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the inspector has gone'));
    });
  }

  /** @param miniflare started `inspected` */
  static async of(miniflare: Miniflare): Promise<Isolate> {
    const { host } = await miniflare.getInspectorURL();
    const socket = new WebSocket(`ws://${host}/${ISOLATE}`);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', () => reject(new Error(`no inspector of \`${ISOLATE}\` at ${host}`)));
    });
    return new Isolate(socket);
  }

  /** What lives after a collection, MiB with two decimals: objects, and buffers outside of the heap. Settles once the isolate has a request to serve. */
  async heap(): Promise<number> {
    await this.#call('HeapProfiler.collectGarbage');
    const usage = await this.#call('Runtime.getHeapUsage');
    if (usage === undefined) throw new Error('the inspector told no usage of the heap');
    return Math.round((100 * (usage.usedSize + usage.backingStorageSize)) / MIB) / 100;
  }

  close(): void {
    this.#socket.close();
  }

  #call(method: string): Promise<HeapUsage | undefined> {
    const id = ++this.#sent;
    const answer = Promise.withResolvers<HeapUsage | undefined>();
    this.#waiting.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method }));
    return answer.promise;
  }

  #receive({ id, result, error }: Message): void {
    const answer = id === undefined ? undefined : this.#waiting.get(id);
    if (id === undefined || answer === undefined) return;
    this.#waiting.delete(id);
    if (error === undefined) answer.resolve(result);
    else answer.reject(new Error(`the inspector refused: ${error.message}`));
  }
}

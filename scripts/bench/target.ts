/** What an HTTP benchmark measures: servers, and what is asked of them. */

/** One question with its answer; every answer is compared. */
export interface Exchange {
  readonly method: 'GET' | 'POST';
  /** path and query */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** empty for none */
  readonly body: string;
  /** text that the answer holds: its body, or its headers, their names in lower case */
  readonly expect: string;
  /** absent: 200 */
  readonly status?: number;
}

export interface Server {
  /** where it listens on 127.0.0.1 */
  readonly port: number;
  /** the process whose CPU time is counted */
  readonly pid: number;
  /** what it has printed so far; absent: nobody listens */
  said?(): string;
  stop(): Promise<void>;
}

export interface Target {
  readonly name: string;
  start(): Promise<Server>;
  /** asked in turn, again and again */
  readonly exchanges: readonly Exchange[];
  /** name of the target that this one is compared with; absent for one that is itself a measure */
  readonly comparedWith?: string;
}

/** Several targets on one server: it starts with the first and stops with the last. */
export function shared(start: () => Promise<Server>): () => Promise<Server> {
  let running: Promise<Server> | null = null;
  let users = 0;
  return async () => {
    users += 1;
    running ??= start();
    const server = await running;
    const stop = async (): Promise<void> => {
      users -= 1;
      if (users > 0) return;
      running = null;
      await server.stop();
    };
    return { port: server.port, pid: server.pid, stop };
  };
}

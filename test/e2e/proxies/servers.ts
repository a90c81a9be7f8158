/** What stands behind a proxy: an upstream that records all that reaches it, and a way to bitgate that can be made to fail. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** One request as it reached the upstream. */
export interface Arrival {
  readonly line: string;
  /** by lower-case name, every value */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

export interface Upstream {
  readonly port: number;
  /** what has come since it was asked last */
  take(): Arrival[];
  close(): Promise<void>;
}

/** Counts every connection on which anything came, whether that is HTTP or not. */
export async function startUpstream(): Promise<Upstream> {
  let arrivals: Arrival[] = [];
  const { server, port, close } = await listen((socket) => {
    let text = '';
    let counted = false;
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!counted) arrivals.push(arrivalOf(text));
      else arrivals[arrivals.length - 1] = arrivalOf(text);
      counted = true;
      if (isWhole(text)) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
    });
  });
  server.unref();
  return {
    port,
    close,
    take: () => {
      const taken = arrivals;
      arrivals = [];
      return taken;
    },
  };
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const { headers } = arrivalOf(text);
  const body = text.slice(end + 4);
  if (headers.has('transfer-encoding')) return body.endsWith('0\r\n\r\n');
  return body.length >= Number(headers.get('content-length')?.[0] ?? 0);
}

function arrivalOf(text: string): Arrival {
  const [head = '', body = ''] = [text.split('\r\n\r\n', 1)[0], text.slice(text.indexOf('\r\n\r\n') + 4)];
  const [line = '', ...lines] = head.split('\r\n');
  const headers = new Map<string, string[]>();
  for (const header of lines) {
    const [name, value] = [header.slice(0, header.indexOf(':')).toLowerCase(), header.slice(header.indexOf(':') + 1).trim()];
    headers.set(name, [...(headers.get(name) ?? []), value]);
  }
  return { line, headers, body };
}

/** What the proxy meets instead of bitgate. */
export type Stand = (socket: Socket) => void;

/** An address that leads to bitgate, or for a while to something else. */
export interface Way {
  readonly port: number;
  /** nobody listens during `work` */
  whileStopped(work: () => Promise<void>): Promise<void>;
  /** each connection meets `stand` during `work` */
  whileReplaced(stand: Stand, work: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export async function openWay(target: number): Promise<Way> {
  const through: Stand = (socket) => {
    const onward = connect(target, '127.0.0.1');
    onward.on('error', () => socket.destroy());
    onward.on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
    socket.pipe(onward).pipe(socket);
  };
  let stand = through;
  const open = (port: number): Promise<Listening> => listen((socket) => stand(socket), port);
  let listening = await open(0);
  const { port } = listening;
  return {
    port,
    close: () => listening.close(),
    whileStopped: async (work) => {
      await listening.close();
      await work().finally(async () => {
        listening = await open(port);
      });
    },
    whileReplaced: async (replacement, work) => {
      stand = replacement;
      listening.drop();
      await work().finally(() => {
        stand = through;
        listening.drop();
      });
    },
  };
}

interface Listening {
  readonly server: Server;
  readonly port: number;
  /** ends all connections that are open */
  drop(): void;
  close(): Promise<void>;
}

function listen(onSocket: Stand, port = 0): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // a proxy that gives up may reset the connection
    socket.on('error', () => socket.destroy());
    onSocket(socket);
  });
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      drop();
    });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve({ server, port: portOf(server.address()), drop, close }));
  });
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const { port, close } = await listen((socket) => socket.destroy());
  await close();
  return port;
}

const portOf = (address: AddressInfo | string | null): number => (typeof address === 'object' && address ? address.port : 0);

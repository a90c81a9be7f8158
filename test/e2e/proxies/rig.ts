/** One reverse proxy between a client and an upstream, with bitgate beside it, all on this machine. */
import type { Running } from './process.ts';
import { type RawAnswer, sendRaw } from './raw-client.ts';
import { freePort, openWay, startUpstream, type Upstream, type Way } from './servers.ts';
import { type Parties, request, type Written } from './spellings/request.ts';
import { type Family, startWorld, type World } from './world.ts';

/** Where the parts of one proxy's set-up are. */
export interface Setting {
  readonly port: number;
  readonly bitgatePort: number;
  readonly upstreamPort: number;
  readonly proxyKey: string;
}

export interface ProxyServer {
  readonly name: string;
  readonly family: Family;
  start(setting: Setting): Promise<Running>;
}

/** What it holds is there once it is started. */
export class Rig {
  readonly name: string;
  readonly #proxy: ProxyServer;
  #running: Running | undefined;
  world!: World;
  upstream!: Upstream;
  way!: Way;
  parties!: Parties;
  port = 0;

  constructor(proxy: ProxyServer) {
    this.name = proxy.name;
    this.#proxy = proxy;
  }

  async start(): Promise<void> {
    this.world = await startWorld();
    this.upstream = await startUpstream();
    this.way = await openWay(this.world.port);
    this.port = await freePort();
    this.parties = await partiesOf(this.world, this.#proxy.family);
    const [bitgatePort, upstreamPort] = [this.way.port, this.upstream.port];
    this.#running = await this.#proxy.start({ port: this.port, bitgatePort, upstreamPort, proxyKey: this.parties.proxyKey });
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    await this.way?.close();
    await this.upstream?.close();
    await this.world?.stop();
  }

  /** A request through the proxy, of who may `GET /reports/q1`. */
  send(target: string, written?: Written): Promise<RawAnswer> {
    return sendRaw(this.port, request(target, this.parties, written));
  }
}

/** Everybody who takes part in a spelling. */
export async function partiesOf(world: World, family: Family): Promise<Parties> {
  return {
    token: await world.token('ada'),
    adminToken: await world.token('root', { groups: ['idp-admins'] }),
    expiredToken: await world.token('ada', { exp: 1_700_000_000 }),
    proxyKey: await world.proxyKey(family),
  };
}

/** The Worker's bindings and variables, as wrangler.toml declares them, and the only place where the variables are judged. */
import type { Publisher } from './storage/publisher/publisher.ts';

export interface Env {
  /** truth: rows and the log of changes */
  readonly DB: D1Database;
  /** blobs under the hash of their bytes, and a copy of each pointer */
  readonly KV: KVNamespace;
  /** one object per organization, named by its id: the only writer of its pointer */
  readonly PUBLISHER: DurableObjectNamespace<Publisher>;
  /** counts what callers ask, by location; absent: nobody is limited */
  readonly CALLER_LIMIT?: RateLimit;
  /** takes the decision log, a point for each; absent: it doesn't go there */
  readonly DECISION_LOG?: AnalyticsEngineDataset;
  /** takes the decision log, many records in a message; absent: it doesn't go there */
  readonly DECISION_QUEUE?: Queue;
  /** the token that may do everything; at least 32 characters, and without it nothing is served */
  readonly BITGATE_ROOT_TOKEN?: string;
  /** 32 random bytes or more, as text; signs cursors and documents */
  readonly BITGATE_SIGNING_KEY?: string;
  /** the one before it, while what it signed is to stay good */
  readonly BITGATE_SIGNING_KEY_PREVIOUS?: string;
  /** may read `/metrics`, and nothing else; at least 32 characters; absent or empty: root alone may */
  readonly METRICS_TOKEN?: string;
  /** host name on which alone `/admin` answers; absent or empty: on any */
  readonly ADMIN_HOST?: string;
  /** host name that is for forward-auth alone: every other path there is refused; absent or empty: there is none */
  readonly FORWARD_AUTH_HOST?: string;
  /** `1`: `/openapi.json` and `/docs` are there, on the host of `/admin`; absent, empty or `0`: they are not */
  readonly BITGATE_DOCS?: string;
  /** the share of decisions that are decided a second time, from the rows: 0 to 1; absent or empty: `DOUBLE_SHARE` */
  readonly DOUBLE_EVALUATION?: string;
  /** the share of allowed decisions that the decision log gets: 0 to 1; denied ones are all in it; absent or empty: 1 */
  readonly DECISION_LOG_SHARE?: string;
}

/** What the variables say, once they are found to be right. */
export interface Configuration {
  readonly rootToken: string;
  /** null: there is none */
  readonly metricsToken: string | null;
  /** the one that signs, then the one before it; none: no cursor and no document can be given out */
  readonly signingKeys: readonly string[];
  /** null: any */
  readonly adminHost: string | null;
  /** null: none is for forward-auth alone */
  readonly forwardAuthHost: string | null;
  /** whether the API describes itself */
  readonly docs: boolean;
  /** of all decisions, how many are decided a second time, from the rows: 0 to 1 */
  readonly doubleShare: number;
  /** of allowed decisions, how many are logged: 0 to 1 */
  readonly decisionLogShare: number;
}

/** a shorter secret can be guessed */
export const SECRET_CHARS = 32;

/** enough to see within hours what goes wrong everywhere; an isolate asks the database once a second at most, whatever the share */
const DOUBLE_SHARE = '0.001';

const SHARE = /^(?:0?\.[0-9]+|[01](?:\.0*)?)$/;

/** What a bearer token may hold; a comma would be the seam of two headers. */
const SENDABLE = /^[\x21-\x2b\x2d-\x7e]+$/;

/** As an address has it; of IPv6 in brackets. Empty: none. */
const HOST = /^(?:[a-z0-9.-]*|\[[0-9a-f:.]+\])$/;

/**
 * @returns the configuration, or what is wrong with it, naming the variable and never showing its value
 */
export function parseEnv(env: Env): { readonly configuration: Configuration } | { readonly problem: string } {
  for (const binding of ['DB', 'KV', 'PUBLISHER'] as const) {
    if (env[binding] === undefined) return { problem: `the binding \`${binding}\` is missing` };
  }
  const rootToken = env.BITGATE_ROOT_TOKEN ?? '';
  const metricsToken = env.METRICS_TOKEN ?? '';
  for (const [name, token] of [
    ['BITGATE_ROOT_TOKEN', rootToken] as const,
    ...(metricsToken === '' ? [] : [['METRICS_TOKEN', metricsToken] as const]),
  ]) {
    if (token.length < SECRET_CHARS) return { problem: `\`${name}\` must be a secret of at least ${SECRET_CHARS} characters` };
    if (!SENDABLE.test(token)) {
      return { problem: `\`${name}\` must hold visible ASCII characters alone, and no comma: no header could carry it` };
    }
  }
  const signingKeys: string[] = [];
  for (const name of ['BITGATE_SIGNING_KEY', 'BITGATE_SIGNING_KEY_PREVIOUS'] as const) {
    const key = env[name] ?? '';
    if (key === '') continue;
    if (key.length < SECRET_CHARS) return { problem: `\`${name}\` must be a secret of at least ${SECRET_CHARS} characters` };
    signingKeys.push(key);
  }
  if (env.BITGATE_SIGNING_KEY_PREVIOUS && !env.BITGATE_SIGNING_KEY)
    return { problem: '`BITGATE_SIGNING_KEY_PREVIOUS` is set without `BITGATE_SIGNING_KEY`' };
  const forwardAuthHost = (env.FORWARD_AUTH_HOST ?? '').toLowerCase().replace(/\.$/, '');
  if (!HOST.test(forwardAuthHost)) return { problem: '`FORWARD_AUTH_HOST` must be a host name alone, without scheme and port' };
  const docs = env.BITGATE_DOCS ?? '';
  if (!['', '0', '1'].includes(docs)) return { problem: '`BITGATE_DOCS` must be `0` or `1`' };
  const share = env.DOUBLE_EVALUATION || DOUBLE_SHARE;
  if (!SHARE.test(share)) return { problem: '`DOUBLE_EVALUATION` must be a number from `0` to `1`, such as `0.001`' };
  const logged = env.DECISION_LOG_SHARE || '1';
  if (!SHARE.test(logged)) return { problem: '`DECISION_LOG_SHARE` must be a number from `0` to `1`, such as `0.1`' };
  return {
    configuration: {
      rootToken,
      metricsToken: metricsToken || null,
      signingKeys,
      adminHost: env.ADMIN_HOST || null,
      forwardAuthHost: forwardAuthHost || null,
      docs: docs === '1',
      doubleShare: Number(share),
      decisionLogShare: Number(logged),
    },
  };
}

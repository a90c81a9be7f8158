/** Sends lines to a bitgate and gets them from it, again after whatever passes: the network, a restart, a writer in between. */

export interface Connection {
  /** of the bitgate, without a path */
  readonly url: string;
  readonly org: string;
  readonly token: string;
}

/** What is told of an import. */
export interface ImportState {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly next_line: number;
  readonly counts: Readonly<Record<string, { readonly created: number; readonly updated: number; readonly unchanged: number }>>;
}

export interface ImportAnswer {
  readonly import: ImportState | null;
  readonly next_line: number;
  readonly revision: number;
  readonly published: boolean;
}

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly details: {
    readonly next_line?: number;
    readonly import?: string;
    readonly count?: number;
    readonly problems?: readonly { readonly line: number; readonly path: string; readonly code: string; readonly message: string }[];
  };
}

/** An answer that no repetition changes. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(status: number, refusal: Refusal) {
    super(`${status} ${refusal.code}: ${refusal.message}`);
    this.refusal = refusal;
  }
}

/** before each repetition; after the last one it is given up */
const PAUSES_MS = [200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000];

/**
 * @param path below `/admin/orgs/{org}`
 * @param told of each repetition
 * @throws Refused; Error when it was given up
 */
export async function ask(
  { url, org, token }: Connection,
  path: string,
  body: Buffer | null,
  told: (why: string) => void,
): Promise<Response> {
  for (const pause of [...PAUSES_MS, null]) {
    const why = await attempt(`${url}/admin/orgs/${org}${path}`, token, body);
    if (why instanceof Response) return why;
    if (pause === null) throw new Error(`given up: ${why}`);
    told(why);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new Error('not reached: the last attempt returns or throws');
}

/** @returns why it has to be tried again, or the answer */
async function attempt(address: string, token: string, body: Buffer | null): Promise<Response | string> {
  let response: Response;
  try {
    response = await fetch(address, {
      method: body === null ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, ...(body === null ? {} : { 'content-type': 'application/x-ndjson' }) },
      ...(body === null ? {} : { body: new Uint8Array(body) }),
    });
    if (response.ok) return response;
  } catch (error) {
    return error instanceof Error ? `${error.message}${error.cause instanceof Error ? `: ${error.cause.message}` : ''}` : String(error);
  }
  const text = await response.text();
  const refusal = refusalIn(text);
  const passes = response.status >= 500 || response.status === 429 || refusal?.code === 'revision_moved';
  if (passes || refusal === null) return `answered ${response.status} ${refusal?.message ?? text.slice(0, 200)}`;
  throw new Refused(response.status, refusal);
}

function refusalIn(text: string): Refusal | null {
  try {
    return JSON.parse(text).error ?? null;
  } catch {
    return null;
  }
}

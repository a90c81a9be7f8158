/** Sends lines, and looks at what became of them. */
import { env, exports } from 'cloudflare:workers';
import { Manifest } from '../../../src/core/snapshot/manifest.ts';
import { type Answer, call, ROOT } from '../client.ts';

export interface SendOptions {
  readonly query?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function textOf(items: readonly object[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join('');
}

/** @param lines items, or a text as it is */
export function importInto(
  org: string,
  lines: readonly object[] | string,
  { query = '', token = ROOT, headers = {} }: SendOptions = {},
): Promise<Answer> {
  const body = typeof lines === 'string' ? lines : textOf(lines);
  return call('POST', `/admin/orgs/${org}/import${query}`, body, {
    token,
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  });
}

/** A body that is no text, or comes piece by piece. */
export async function sendBytes(
  org: string,
  body: BodyInit,
  headers: Readonly<Record<string, string>> = {},
  query = '',
): Promise<Pick<Answer, 'status' | 'body'>> {
  const response = await exports.default.fetch(`https://bitgate.test/admin/orgs/${org}/import${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ROOT}`, 'content-type': 'application/x-ndjson', ...headers },
    body,
  });
  return { status: response.status, body: await response.json() };
}

/** The lines of an organization, the last one apart. @throws when it broke off */
export async function exported(org: string): Promise<readonly object[]> {
  const { status, text } = await call('GET', `/admin/orgs/${org}/export`);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  if (status !== 200 || lines.at(-1)?.kind !== 'end') throw new Error(`export of ${org}: ${status} ${text.slice(-500)}`);
  return lines.slice(0, -1);
}

export const revisionOf = async (org: string): Promise<number> => (await call('GET', `/admin/orgs/${org}`)).body.revision;

/** Names of all published pieces: equal for equal snapshots. */
export async function piecesOf(org: string): Promise<readonly string[]> {
  await call('POST', `/admin/orgs/${org}/recompile`);
  const stub = env.PUBLISHER.get(env.PUBLISHER.idFromName(org));
  const pointer = await stub.pointer();
  return new Manifest(new Uint8Array((await stub.blob(pointer?.manifest ?? ''))!)).pieces();
}

/** `3 role unknown_role`: line, path and code of each fault of a refusal. */
export function faultsOf({ body }: Answer): string[] {
  return (body.error?.details?.problems ?? []).map(
    ({ line, path, code }: { line: number; path: string; code: string }) => `${line} ${path} ${code}`,
  );
}

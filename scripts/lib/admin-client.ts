/** Speaks to a running Worker's admin API with the root token: the same door that everybody else uses. */

export interface Reply {
  readonly status: number;
  /** parsed JSON, or null where the answer has none */
  readonly body: unknown;
}

export type AdminCall = (method: string, path: string, body?: unknown) => Promise<Reply>;

export function adminClient(origin: string, rootToken: string): AdminCall {
  return async (method, path, body) => {
    const response = await fetch(origin + path, {
      method,
      headers: { authorization: `Bearer ${rootToken}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: parseJson(await response.text()) };
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

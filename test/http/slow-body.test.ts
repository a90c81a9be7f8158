/** A body that trickles in: what was known when it began must not decide when it ends. */
import { env, exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { call, makeKey, makeOrganization } from './client.ts';

/** Sends the first half, does something, and sends the rest. */
async function sendSlowly(path: string, token: string, body: string, meanwhile: () => Promise<void>): Promise<Response> {
  const bytes = new TextEncoder().encode(body);
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const answer = exports.default.fetch(`https://bitgate.test${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: readable,
  });
  const writer = writable.getWriter();
  await writer.write(bytes.slice(0, 5));
  await meanwhile();
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  await writer.write(bytes.slice(5));
  await writer.close();
  return answer;
}

const CHECK = JSON.stringify({ subject: 'user:ann', action: 'bitgate:read' });
const EVALUATION = JSON.stringify({
  subject: { type: 'user', id: 'ann' },
  action: { name: 'bitgate:read' },
  resource: { type: 'a', id: 'b' },
});

describe('a check whose body trickles in', () => {
  it.each([
    ['/check', CHECK],
    ['/check/batch', `{"checks":[${CHECK}]}`],
    ['/access/v1/evaluation', EVALUATION],
    ['/access/v1/evaluations', EVALUATION],
    ['/access/v1/search/action', EVALUATION],
  ])('is refused when its key was disabled meanwhile: %s', async (path, body) => {
    const id = `slow${path.replaceAll('/', '-')}`;
    await makeOrganization(id, { owner: 'user:ann' });
    const key = await makeKey(id, [{ role: 'bitgate:checker', scope: 'org' }]);
    expect((await call('POST', path, body, { token: key.token })).status).toBe(200);
    const answer = await sendSlowly(path, key.token, body, async () => {
      await env.DB.prepare("UPDATE api_keys SET status = 'disabled' WHERE org = ?").bind(id).run();
      expect((await call('POST', `/admin/orgs/${id}/recompile`)).status).toBe(200);
    });
    expect(answer.status).toBe(401);
  });
});

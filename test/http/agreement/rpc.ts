/** The entrypoint `Pdp`. */
import { exports } from 'cloudflare:workers';
import { type Face, oneByOne } from './face.ts';

export const rpcCheck: Face = oneByOne('RPC check', async ({ token }, question) => {
  const { decision, ...rest } = await exports.Pdp.check(question, { key: token });
  if ('error' in rest) throw new Error(`RPC refuses ${JSON.stringify(question)}: ${JSON.stringify(rest)}`);
  return decision;
});

export const rpcBatch: Face = {
  name: 'RPC checkBatch',
  async answers({ questions, token }) {
    const answer = await exports.Pdp.checkBatch({ checks: questions }, { key: token });
    if ('error' in answer) throw new Error(`RPC refuses a batch: ${JSON.stringify(answer)}`);
    return answer.results.map(({ decision }) => decision);
  },
};

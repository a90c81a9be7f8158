/** The entrypoint `Pdp`. */
import { exports } from 'cloudflare:workers';
import { type Face, oneByOne } from './face.ts';

export const rpcCheck: Face = oneByOne('RPC check', async ({ options }, question) => {
  const { decision, ...rest } = await exports.Pdp.check(question, options);
  if ('error' in rest) throw new Error(`RPC refuses ${JSON.stringify(question)}: ${JSON.stringify(rest)}`);
  return decision;
});

export const rpcBatch: Face = {
  name: 'RPC checkBatch',
  async answers({ questions, options }) {
    const answer = await exports.Pdp.checkBatch({ checks: questions }, options);
    if ('error' in answer) throw new Error(`RPC refuses a batch: ${JSON.stringify(answer)}`);
    return answer.results.map(({ decision }) => decision);
  },
};

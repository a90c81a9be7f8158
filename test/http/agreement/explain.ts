/** `explain: true`: the decision that comes with an explanation, over HTTP and over RPC. */
import { exports } from 'cloudflare:workers';
import { call } from '../client.ts';
import { type Face, oneByOne } from './face.ts';

export const explained: Face = oneByOne('POST /check with explain', async ({ token, at }, question) => {
  const { body, text } = await call('POST', `${at}/check`, { ...question, explain: true }, { token });
  if (body.explanation?.decision !== body.decision || body.explanation.reason !== body.reason)
    throw new Error(`an answer and its explanation differ: ${text}`);
  return body.decision;
});

export const rpcExplain: Face = oneByOne('RPC explain', async ({ options }, question) => {
  const answer = await exports.Pdp.explain(question, options);
  if (!('explanation' in answer)) throw new Error(`RPC doesn't explain ${JSON.stringify(question)}: ${JSON.stringify(answer)}`);
  return answer.decision;
});

/** `/check` by body and by address, and batches of it. */
import type { CheckRequest } from '../../../src/core/terms/request.ts';
import { randomFrom } from '../../properties/random.ts';
import { call } from '../client.ts';
import { type Face, isBare, oneByOne, refOf, type Stocked } from './face.ts';

const PER_BATCH = 700;

/** What all others are held against. */
export async function truthOf({ questions, token, at }: Stocked): Promise<{ readonly decision: boolean; readonly reason: string }[]> {
  const said: { decision: boolean; reason: string }[] = [];
  for (const question of questions) said.push((await call('POST', `${at}/check`, question, { token })).body);
  return said;
}

export const byAddress: Face = oneByOne('GET /check', async ({ token, at }, question) => {
  if (!isBare(question)) return null;
  const { subject, action, resource } = question;
  const query = new URLSearchParams({ subject: refOf(subject), action: action.name });
  if (resource !== undefined) query.set('resource', refOf(resource));
  return (await call('GET', `${at}/check?${query}`, undefined, { token })).body.decision;
});

export const inBatches: Face = { name: 'POST /check/batch', answers: (world) => batched(world, world.questions, {}) };

/** Each question another place: whatever an answer took from its neighbours would be seen. */
export const permuted: Face = {
  name: 'POST /check/batch, permuted',
  async answers(world) {
    const order = randomFrom(world.revision).sample([...world.questions.keys()], world.questions.length);
    const said = await batched(
      world,
      order.map((i) => world.questions[i]!),
      {},
    );
    const answers: boolean[] = [];
    for (const [place, i] of order.entries()) answers[i] = said[place]!;
    return answers;
  },
};

export const atRevision: Face = {
  name: 'POST /check/batch at the revision',
  answers: (world) => batched(world, world.questions, { at_revision: world.revision }),
};

async function batched({ token, at }: Stocked, questions: readonly CheckRequest[], wanted: object): Promise<boolean[]> {
  const said: boolean[] = [];
  for (let i = 0; i < questions.length; i += PER_BATCH) {
    const { body } = await call('POST', `${at}/check/batch`, { checks: questions.slice(i, i + PER_BATCH), ...wanted }, { token });
    said.push(...body.results.map(({ decision }: { decision: boolean }) => decision));
  }
  return said;
}

/** `L/assignments/batch`: one role or policy to many, with what became of each. */
import { LIMITS } from '../../core/terms/limits.ts';
import { assignBatch, type BatchItem, type BatchResult } from '../../pap/assignments/batch.ts';
import { readCommand } from '../common/body.ts';
import { parseAs } from '../common/parse.ts';
import { writtenAnswer } from './answer-wire.ts';
import { replacedBody } from './assignments.ts';
import { batchAnswerShape, batchSchema } from './assignments-wire.ts';
import { asAdministrator } from './caller.ts';
import { atBothLevels, levelAsked } from './levels.ts';
import { publishMode, readWriteQuery, writtenReply } from './reply.ts';
import { described, type Route } from './route.ts';
import type { Asked } from './services.ts';
import { writeQuerySchema } from './wire.ts';

export async function postBatch(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const level = levelAsked(asked);
  const { scope = level.scope, ...wanted } = parseAs(batchSchema, await readCommand(asked.request, LIMITS.batchBodyBytes), 'batch');
  const written = await assignBatch(tools, writer, { ...wanted, scope }, level, publishMode(query));
  return writtenReply(asked, written, query, 200, batchBody);
}

function batchBody({ items }: BatchResult): object {
  return { items: items.map(itemBody) };
}

function itemBody({ subject, status, row, replaced = [], problem }: BatchItem): object {
  return {
    subject,
    status,
    ...(row === undefined ? {} : { id: row.id }),
    ...replacedBody(replaced),
    ...(problem === undefined ? {} : { error: { code: problem.code, message: problem.message } }),
  };
}

export const batchRoutes: readonly Route[] = atBothLevels([
  {
    method: 'POST',
    path: '/assignments/batch',
    handler: postBatch,
    ...described(() => ({
      id: 'assignBatch',
      summary: 'Assign one role or policy to many, or take their roles away',
      description:
        'One transaction. Each subject has its own outcome; with `atomic` one that can’t be done refuses all (409 `batch_refused`, with the items).',
      tag: 'assignments',
      query: writeQuerySchema,
      body: batchSchema,
      bodyExample: { role: 'Viewer', subjects: ['user:alice', 'group:staff'], must_exist: true },
      answer: writtenAnswer(batchAnswerShape),
      answerExample: {
        items: [
          { subject: 'user:alice', status: 'assigned', id: 'asg_1' },
          { subject: 'group:staff', status: 'unchanged', id: 'asg_2' },
        ],
        revision: 42,
        published: true,
      },
    })),
  },
]);

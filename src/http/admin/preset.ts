/** `/admin/orgs/{org}/preset/upgrade`: what the preset has become since the organization was made from it. */
import * as z from 'zod';
import { upgradePreset } from '../../pap/preset/upgrade-preset.ts';
import { asAdministrator } from './caller.ts';
import { manifestAnswer, manifestAnswerExample, manifestQuery } from './manifest-wire.ts';
import { publishMode, readWriteQuery, writtenReply } from './reply.ts';
import { described, ORG, type Route } from './route.ts';
import type { Asked } from './services.ts';

export async function postPresetUpgrade(asked: Asked): Promise<Response> {
  const { tools, writer } = await asAdministrator(asked);
  const query = readWriteQuery(asked);
  const written = await upgradePreset(tools, writer, publishMode(query));
  return writtenReply(asked, written, query, 200, (outcome) => ({ dry_run: false, ...outcome }));
}

const kept = described(() =>
  z.strictObject({
    kind: z.enum(['privilege', 'policy', 'assignment']),
    name: z.string(),
    reason: z.enum(['edited', 'deleted']),
  }),
);

export const presetRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: `${ORG}/preset/upgrade`,
    handler: postPresetUpgrade,
    ...described(() => ({
      id: 'upgradePreset',
      summary: 'Bring what the preset gave up to date',
      tag: 'organizations',
      description:
        'System things become what the preset says now. What it gave besides follows it unless somebody edited it; what was deleted stays deleted. `kept` lists both.',
      query: manifestQuery,
      answer: manifestAnswer.extend({ preset: z.string(), kept: z.array(kept) }),
      answerExample: {
        ...manifestAnswerExample,
        preset: 'datahub',
        kept: [{ kind: 'policy', name: 'All Users - View Entity Page', reason: 'deleted' }],
      },
    })),
  },
];

/** Questions that differ from each other in one thing alone, which a badly made key would join. */
import type { JsonObject } from '../../../src/core/terms/json.ts';
import type { CheckRequest } from '../../../src/core/terms/request.ts';
import type { Random } from '../../properties/random.ts';
import { RESOURCE_TYPES, randomContext, randomProperties } from '../../properties/vocabulary.ts';

export const KINDS = ['context', 'properties of the subject', 'properties of the resource', 'properties of the action', 'type'] as const;

/** The question with something else in one place; undefined where it has no such place. */
export function variantOf(random: Random, question: CheckRequest, kind: (typeof KINDS)[number]): CheckRequest | undefined {
  const { subject, action, resource } = question;
  if (kind === 'context') return { ...question, context: randomContext(random) };
  if (kind === 'properties of the subject') return { ...question, subject: { ...subject, properties: randomProperties(random) } };
  if (kind === 'properties of the action') return { ...question, action: { ...action, properties: otherReason(random) } };
  if (resource === undefined) return undefined;
  if (kind === 'type') return { ...question, resource: { ...resource, type: random.pick([...RESOURCE_TYPES, 'project']) } };
  return { ...question, resource: { ...resource, properties: { ...resource.properties, ...randomProperties(random) } } };
}

function otherReason(random: Random): JsonObject {
  return random.chance(0.3) ? {} : { reason: random.pick(['audit', 'other']) };
}

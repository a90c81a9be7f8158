/** Who is behind an actor: two keys of one person are not two administrators. */
import type { AuditRow } from '../audit/chain.ts';
import type { ControlTools } from '../control-ports.ts';
import { KEY_SUBJECT_PREFIX } from '../manifest/tables.ts';

/** Of a key its owner; anybody else is themselves. */
export async function personBehind({ members }: Pick<ControlTools, 'members'>, actor: string): Promise<string> {
  return (isKey(actor) ? await members.keyOwner(actor.slice(KEY_SUBJECT_PREFIX.length)) : null) ?? actor;
}

/**
 * Whoever makes or rotates a key gets its token, whosever it is: so it may be in the hands of the one who did that last.
 * @param actor as the audit names it
 */
export async function maySpeakFor(tools: Pick<ControlTools, 'members' | 'audit'>, actor: string, person: string): Promise<boolean> {
  if ((await personBehind(tools, actor)) === person) return true;
  if (!isKey(actor)) return false;
  const [made, rotated] = await Promise.all(
    ['api_key.create', 'api_key.rotate'].map((action) => tools.audit.page({ action, target: actor, presentLife: true }, null, 1)),
  );
  const line = rotated?.rows[0] ?? made?.rows[0];
  if (line === undefined) return false;
  const giver = receiverOf(line);
  return giver !== actor && (await personBehind(tools, giver)) === person;
}

/** Of a key that had to be confirmed the token was shown to whoever proposed it. */
function receiverOf({ actor, after }: AuditRow): string {
  const { proposal } = JSON.parse(after ?? '{}') as { readonly proposal?: { readonly author?: string } }; // lines of keys are objects
  return proposal?.author ?? actor;
}

function isKey(actor: string): boolean {
  return actor.startsWith(KEY_SUBJECT_PREFIX);
}

/** DataHub's names for things, `urn:li:<type>:<key>`, as references of ours. */
import { BitgateError } from '../../../../core/terms/problem.ts';
import { formatRef } from '../../../../core/terms/ref.ts';

export interface Urn {
  readonly type: string;
  readonly key: string;
}

export function parseUrn(text: string): Urn | null {
  const [, type, key] = /^urn:li:([^:]+):(.+)$/s.exec(text) ?? [];
  return type === undefined || key === undefined ? null : { type, key };
}

/** The resource that a URN stands for: its type, and the whole URN as its id. Null for what is no URN, or too long. */
export function resourceOfUrn(text: string): string | null {
  const urn = parseUrn(text);
  return urn === null ? null : reference(urn.type, text);
}

/** `urn:li:corpuser:jdoe` is `user:jdoe`, service accounts too. Null for anything else. */
export function subjectOfUrn(text: string): string | null {
  const urn = parseUrn(text);
  return urn?.type === 'corpuser' ? reference('user', urn.key) : null;
}

/** The key of a URN of that type. */
export function keyOfUrn(text: string, type: string): string | null {
  const urn = parseUrn(text);
  return urn?.type === type ? urn.key : null;
}

function reference(type: string, id: string): string | null {
  try {
    return formatRef(type, id);
  } catch (error) {
    if (error instanceof BitgateError) return null;
    throw error;
  }
}

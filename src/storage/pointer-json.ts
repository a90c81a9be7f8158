/** The pointer as JSON: the one parser of what KV and the location cache hold. */
import type { Pointer } from '../pdp/ports.ts';

const HASH = /^[0-9a-f]{64}$/;

/** @throws Error when the value is not a pointer */
export function parsePointer(value: unknown): Pointer {
  if (typeof value !== 'object' || value === null) throw new Error('the pointer is not an object');
  const { revision, manifest, behindSince } = value as { [key in keyof Pointer]?: unknown }; // every field is checked below
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision) || revision < 0) throw new Error('the pointer has no revision');
  if (typeof manifest !== 'string' || !HASH.test(manifest)) throw new Error('the pointer names no manifest');
  if (behindSince !== null && (typeof behindSince !== 'number' || !Number.isFinite(behindSince))) {
    throw new Error('the pointer does not say whether it is behind');
  }
  return { revision, manifest, behindSince };
}

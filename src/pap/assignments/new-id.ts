/** Random ids of things that have no name. */
import type { ControlTools } from '../control-ports.ts';

/** 64 random bits. */
export function newId(prefix: string, { fill }: Pick<ControlTools, 'fill'>): string {
  const bytes = new Uint8Array(8);
  fill(bytes);
  return prefix + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

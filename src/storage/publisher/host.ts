/** What the object is to its parts: its storage, its bindings and its clock, as they are when asked. */
import type { Env } from '../../env.ts';

export interface Host {
  readonly storage: DurableObjectStorage;
  env(): Env;
  /** ms since 1970 */
  now(): number;
}

/** What a catalog's organization has set for forward-auth, read once. */
import { type ForwardAuth, readForwardAuth } from '../../core/terms/forward-auth.ts';
import type { JsonObject } from '../../core/terms/json.ts';

/** What of a catalog settings are read from. */
interface HasSettings {
  /** JSON of an object */
  readonly settings: string;
}

const known = new WeakMap<HasSettings, ForwardAuth>();

/** What somebody typed by hand and isn't sound is not set. */
export function forwardAuthOf(catalog: HasSettings): ForwardAuth {
  let read = known.get(catalog);
  if (read === undefined) {
    const settings: JsonObject = JSON.parse(catalog.settings);
    read = readForwardAuth(settings.forward_auth);
    known.set(catalog, read);
  }
  return read;
}

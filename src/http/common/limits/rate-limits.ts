/**
 * How much one caller may ask in one location. Units are added up in the isolate; a full thousand of them is one call of Cloudflare's rate
 * limiting binding, behind the answer. When the binding says no, this isolate refuses that caller for ten seconds. A guard against abuse,
 * never a quota: counts are those of one location, somewhat late, and what an isolate has counted below a thousand ends with it.
 * Nothing is awaited on a request's path, and a binding that is absent, fails or hangs limits nobody.
 */
import type { KeyClaim, RootClaim } from '../../../authn/callers.ts';
import { BitgateError } from '../../../core/terms/problem.ts';
import type { Entity } from '../../../core/terms/request.ts';
import type { RequestLife } from '../../../pdp/ports.ts';

/** The part of Cloudflare's binding that is used: it counts one call against the key. */
export interface RateLimiter {
  limit(options: { readonly key: string }): Promise<{ readonly success: boolean }>;
}

/** Whoever is counted: a key, or a subject that was proved in another way. Root is not. */
export type Counted = RootClaim | KeyClaim | CountedSubject;

export interface CountedSubject {
  readonly root: false;
  readonly organization: string;
  readonly subject: Entity;
}

/** units for one call of the binding: fewer calls, and no more than this is lost with an isolate */
export const UNITS_PER_CALL = 1_000;
export const REFUSED_MS = 10_000;
/** callers counted; beyond that the one that came first begins anew */
export const COUNTED = 10_000;

interface Meter {
  readonly organization: string;
  /** what the binding counts by */
  readonly key: string;
  /** units since the last call */
  units: number;
  /** ms since 1970 */
  refusedUntil: number;
}

export class RateLimits {
  readonly #limiter: RateLimiter | undefined;
  readonly #now: () => number;
  readonly #meters = new Map<string, Meter>();
  /** By what is the same object from request to request: a remembered claim, or the subject of a remembered token. */
  readonly #known = new WeakMap<object, Meter>();

  /**
   * @param limiter undefined: nobody is limited
   * @param now ms since 1970
   */
  constructor(limiter: RateLimiter | undefined, now: () => number) {
    this.#limiter = limiter;
    this.#now = now;
  }

  /**
   * Adds to what the caller has asked. Of a caller that was here before: one look into a map, and an addition.
   * @param units whole; see `COSTS`. Fewer than none are given back
   * @param now ms since 1970
   * @throws BitgateError `rate_limited` (429)
   */
  charge(caller: Counted, units: number, now: number, life: RequestLife): void {
    if (this.#limiter === undefined || caller.root) return;
    const known = this.#known.get('subject' in caller ? caller.subject : caller);
    const meter = known !== undefined && known.organization === caller.organization ? known : this.#meterOf(caller);
    const left = meter.refusedUntil - now;
    // A clock that was set back refuses nobody for longer.
    if (left > 0 && left <= REFUSED_MS) throw rateLimited(left);
    meter.units += units;
    if (meter.units >= UNITS_PER_CALL) life.waitUntil(this.#ask(this.#limiter, meter));
  }

  #meterOf(caller: KeyClaim | CountedSubject): Meter {
    const { organization } = caller;
    const { type, id } = 'subject' in caller ? caller.subject : { type: 'api_key', id: caller.keyId };
    // An organization's id holds no slash and a type no colon: no two callers share a key.
    const key = `${organization}/${type}:${id}`;
    const meter = this.#meters.get(key) ?? this.#newMeter(organization, key);
    this.#known.set('subject' in caller ? caller.subject : caller, meter);
    return meter;
  }

  #newMeter(organization: string, key: string): Meter {
    if (this.#meters.size >= COUNTED) {
      const oldest = this.#meters.keys().next();
      if (!oldest.done) this.#meters.delete(oldest.value);
    }
    const meter: Meter = { organization, key, units: 0, refusedUntil: 0 };
    this.#meters.set(key, meter);
    return meter;
  }

  async #ask(limiter: RateLimiter, meter: Meter): Promise<void> {
    let calls = Math.floor(meter.units / UNITS_PER_CALL);
    meter.units %= UNITS_PER_CALL;
    try {
      for (; calls > 0; calls--) {
        const { success } = await limiter.limit({ key: meter.key });
        if (!success) return this.#refuse(meter);
      }
    } catch {
      // It guards: where it fails, nobody is kept out.
    }
  }

  /** The first request afterwards asks again, so that a caller that goes on as before is refused again at once. */
  #refuse(meter: Meter): void {
    meter.refusedUntil = this.#now() + REFUSED_MS;
    meter.units = UNITS_PER_CALL - 1;
  }
}

function rateLimited(leftMs: number): BitgateError {
  return new BitgateError('rate_limited', 429, 'this caller asks more than one caller may: wait, then ask less often', {
    retry_after_s: Math.ceil(leftMs / 1_000),
  });
}

/**
 * The proxy's request → the original request, by the header family that its key is configured for. The headers named here are the only ones that are
 * read; whatever else a request carries has no effect. Each is there exactly once, and none under a second spelling.
 */
import { type AddressRefusal, canonicalHost, canonicalMethod, canonicalTarget } from './canonical.ts';

export type Family = 'nginx' | 'forwarded' | 'envoy';

export type HeaderRefusal = 'missing_header' | 'ambiguous_header';

export interface Original {
  readonly method: string;
  /** lower case, without port */
  readonly host: string;
  /** percent-decoded, segment by segment */
  readonly path: string;
  /** the address as it was sent, to come back to: from its path on */
  readonly raw: string;
  /** with its port */
  readonly sentHost: string;
  /** null: nobody said */
  readonly scheme: 'http' | 'https' | null;
}

export type OriginalResult = { readonly value: Original } | { readonly refused: AddressRefusal | HeaderRefusal };

/** Whoever calls, and for whom. */
export const PROXY_KEY = 'x-bitgate-key';
const CREDENTIALS = [PROXY_KEY, 'authorization', 'cookie'] as const;

/** The address whole, or its two parts. */
interface Names {
  readonly method: string;
  readonly url: string | null;
  readonly target: string;
  readonly host: string;
}

const FAMILIES: Readonly<Record<Family, Names>> = {
  nginx: { method: 'x-original-method', url: 'x-original-url', target: 'x-original-uri', host: 'x-original-host' },
  forwarded: { method: 'x-forwarded-method', url: null, target: 'x-forwarded-uri', host: 'x-forwarded-host' },
  envoy: { method: 'x-bitgate-original-method', url: null, target: 'x-bitgate-original-path', host: 'x-bitgate-original-host' },
};

const trustedOf = ({ method, url, target, host }: Names): ReadonlySet<string> =>
  new Set([...CREDENTIALS, method, target, host, ...(url === null ? [] : [url])]);

const TRUSTED: Readonly<Record<Family, ReadonlySet<string>>> = {
  nginx: trustedOf(FAMILIES.nginx),
  forwarded: trustedOf(FAMILIES.forwarded),
  envoy: trustedOf(FAMILIES.envoy),
};

export function originalOf(family: Family, headers: Headers): OriginalResult {
  if (hasAlias(headers, TRUSTED[family])) return { refused: 'ambiguous_header' };
  const names = FAMILIES[family];
  const method = headers.get(names.method);
  const parts = partsOf(names, headers);
  if ('refused' in parts) return parts;
  if (method === null) return { refused: 'missing_header' };
  const canonical = canonicalMethod(method);
  if ('refused' in canonical) return canonical;
  const host = canonicalHost(parts.host);
  if ('refused' in host) return host;
  const target = canonicalTarget(parts.target);
  if ('refused' in target) return target;
  const { path, raw } = target.value;
  return { value: { method, host: host.value, path, raw, sentHost: parts.host.toLowerCase(), scheme: parts.scheme } };
}

/** Some servers take `X_Forwarded_Uri` for `X-Forwarded-Uri`: whichever of the two the proxy set, the client may have set the other. */
function hasAlias(headers: Headers, trusted: ReadonlySet<string>): boolean {
  for (const name of headers.keys()) {
    if (name.includes('_') && trusted.has(name.replaceAll('_', '-').toLowerCase())) return true;
  }
  return false;
}

interface Parts {
  readonly scheme: 'http' | 'https' | null;
  readonly host: string;
  readonly target: string;
}

function partsOf(names: Names, headers: Headers): Parts | { readonly refused: AddressRefusal | HeaderRefusal } {
  const url = names.url === null ? null : headers.get(names.url);
  const host = headers.get(names.host);
  const target = headers.get(names.target);
  if (url === null) return host === null || target === null ? { refused: 'missing_header' } : { scheme: null, host, target };
  // Two addresses: nobody knows which of them the proxy set.
  if (host !== null || target !== null) return { refused: 'ambiguous_header' };
  const [, scheme, authority = '', rest = ''] = /^(https?):\/\/([^/?#\\]*)(.*)$/s.exec(url) ?? [];
  return scheme === 'http' || scheme === 'https' ? { scheme, host: authority, target: rest } : { refused: 'ambiguous_path' };
}

/** What a PDP calls itself: in AuthZEN's metadata, and as issuer of what it signs. Whoever verifies compares it byte for byte. */

/**
 * An identifier is https (AuthZEN §9.1); whoever ended TLS before the Worker asks it by http. A machine's own name has no TLS.
 * @param url of the request
 * @param organization null: that of the caller's key
 */
export function identifierOf(url: string, organization: string | null): string {
  const { protocol, host, hostname } = new URL(url);
  return `${isLocalName(hostname) ? protocol : 'https:'}//${host}${organization === null ? '' : `/orgs/${organization}`}`;
}

/** A machine's own names: there is no certificate for them. */
export function isLocalName(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '127.0.0.1' || hostname === '[::1]';
}

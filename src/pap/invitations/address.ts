/** When two e-mail addresses are one. */

/**
 * Whatever the case of ASCII letters, on both sides of the `@`: domains have none (RFC 5321 §2.4), and no mailbox that anybody has differs from another
 * one by it. Letters beyond ASCII are compared as they are: folding those would make one address of two (`K` of kelvin and `k`, `ı` and `i`).
 */
export function foldedAddress(address: string): string {
  return address.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** SHA-256, the name of every piece, as 64 hex digits. */
export async function sha256Hex(bytes: Uint8Array | ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  let text = '';
  for (const byte of digest) text += (byte + 0x100).toString(16).slice(1);
  return text;
}

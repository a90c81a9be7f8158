/** The curl line of an operation, as it is typed into a shell. */
import type { Described } from './read-document.ts';

/** What an address names, in the examples; other parts stand for themselves. */
const PARTS: Readonly<Record<string, string>> = { org: 'acme', project: 'p1' };

/** @param origin without a slash at the end */
export function curlOf({ method, path, open, parameters, body }: Described, origin: string): string {
  const address = path.replace(/\{([^}]+)\}/g, (_whole, name: string) => PARTS[name] ?? name);
  const asked = parameters.filter(({ place, example }) => place === 'query' && example !== undefined);
  const query = asked.map(({ name, example }) => `${name}=${encodeURIComponent(String(example))}`).join('&');
  const parts = ['curl'];
  if (method !== 'GET' && !(method === 'POST' && body !== null)) parts.push('-X', method);
  parts.push(quoted(`${origin}${address}${query === '' ? '' : `?${query}`}`));
  if (!open) parts.push('-H', '"authorization: Bearer $BITGATE_TOKEN"');
  for (const { name, place, example } of parameters)
    if (place === 'header' && example !== undefined) parts.push('-H', quoted(`${name}: ${String(example)}`));
  if (body !== null) parts.push('-H', quoted(`content-type: ${body.types[0] ?? ''}`), '-d', quoted(JSON.stringify(body.example)));
  return parts.join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

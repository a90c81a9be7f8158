/**
 * YAML 1.2 (core schema) → a JSON value. Duplicate keys are looked for here, not by the parser, whose own search takes time
 * quadratic in the size of a map; aliases may be few, so that a small text cannot stand for a huge document.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml';
import { LIMITS } from '../../core/terms/limits.ts';
import { BitgateError } from '../../core/terms/problem.ts';
import { malformed, type Place, tooDeep } from './document-error.ts';

/** resolved aliases, those within aliases counted again for each use */
const MAX_ALIASES = 100;
const TOO_MANY = `more than ${MAX_ALIASES} aliases`;
const START: Place = { line: 1, column: 1 };

/** @throws BitgateError `malformed_document` (400), `document_too_deep` (422), each with line and column */
export function readYaml(text: string): unknown {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      uniqueKeys: false,
      prettyErrors: false,
      resolveKnownTags: false,
      lineCounter: lines,
    });
    const fault = document.errors[0] ?? document.warnings[0];
    if (fault !== undefined) throw refusalOf(fault, lines);
    inspect(document, lines);
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    if (depthExceeds(value, LIMITS.jsonDepth)) throw tooDeep(START);
    return value;
  } catch (error) {
    if (error instanceof BitgateError) throw error;
    if (error instanceof RangeError) throw tooDeep(START);
    throw malformed(error instanceof ReferenceError ? TOO_MANY : 'no YAML document', START);
  }
}

function refusalOf(fault: YAMLError, lines: LineCounter): BitgateError {
  // The parser descends recursively: only a text nested thousands of levels deep exhausts the stack.
  if (fault.code === 'RESOURCE_EXHAUSTION') return tooDeep(place(lines, fault.pos[0]));
  const message = (fault.message.split('\n')[0] ?? '').replace(/\.$/, '');
  return malformed(message.charAt(0).toLowerCase() + message.slice(1), place(lines, fault.pos[0]));
}

function place(lines: LineCounter, offset: number | undefined): Place {
  const { line, col } = lines.linePos(offset ?? 0);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** Depth, keys, numbers and aliases of every node, as they are written. */
function inspect(document: Document, lines: LineCounter): void {
  const open: { readonly node: unknown; readonly depth: number }[] = [{ node: document.contents, depth: 0 }];
  let aliases = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    if (isScalar(node)) {
      const number = node.value;
      if (typeof number === 'bigint' || (typeof number === 'number' && !Number.isFinite(number))) {
        throw malformed('a number is too large or none', place(lines, start(node)));
      }
    } else if (isAlias(node)) {
      // Counted first: finding its anchor is a walk over the document.
      if (++aliases > MAX_ALIASES) throw malformed(TOO_MANY, place(lines, start(node)));
      if (node.resolve(document) === undefined)
        throw malformed(`no anchor \`${node.source.slice(0, 80)}\` before its alias`, place(lines, start(node)));
    } else if (isSeq(node) || isMap(node)) {
      if (depth >= LIMITS.jsonDepth) throw tooDeep(place(lines, start(node)));
      if (isMap(node)) inspectKeys(node.items, lines);
      const children: readonly unknown[] = isMap(node) ? node.items.map((pair) => pair.value) : node.items;
      for (const child of children) open.push({ node: child, depth: depth + 1 });
    }
  }
}

function inspectKeys(pairs: readonly { readonly key: unknown }[], lines: LineCounter): void {
  const keys = new Set<string>();
  for (const { key } of pairs) {
    if (!isScalar(key) || typeof key.value !== 'string') {
      const offset = isScalar(key) || isMap(key) || isSeq(key) || isAlias(key) ? start(key) : 0;
      throw malformed('a key must be text: put it in quotes', place(lines, offset));
    }
    if (keys.has(key.value)) throw malformed(`duplicate key \`${key.value.slice(0, 80)}\``, place(lines, start(key)));
    keys.add(key.value);
  }
}

function start(node: Node): number {
  return node.range?.[0] ?? 0;
}

/** With aliases replaced: their depth adds up. */
function depthExceeds(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const child of Object.values(value)) if (depthExceeds(child, levels - 1)) return true;
  return false;
}

/** A document as YAML that a person could have written: an item on one line where it fits, spread out where it does not. */
import { COLLECTION_STYLE, CORE_SCHEMA, jsToAst, type Node, present } from 'js-yaml';
import type { ManifestDocument } from './schema.ts';

const LINE = 110;

export function toYaml(document: ManifestDocument): string {
  const [tree] = jsToAst(document, CORE_SCHEMA, { noRefs: true, skipInvalid: true });
  if (tree === undefined) return '';
  // The document and the list of each section are always spread out.
  if (tree.contents?.kind === 'mapping') for (const { value } of tree.contents.items) layOutChildren(value);
  return present([tree], { schema: CORE_SCHEMA, lineWidth: -1, quoteStyle: 'double' });
}

function layOutChildren(node: Node): void {
  if (node.kind === 'sequence') for (const item of node.items) layOut(item);
  if (node.kind === 'mapping') for (const { value } of node.items) layOut(value);
}

function layOut(node: Node): void {
  if (node.kind !== 'sequence' && node.kind !== 'mapping') return;
  if (widthOf(node, LINE) >= 0) node.style = COLLECTION_STYLE.FLOW;
  else layOutChildren(node);
}

/** What is left of `room` after the node on one line, roughly; negative when it does not fit or holds a text of several lines. */
function widthOf(node: Node, room: number): number {
  if (room < 0) return room;
  if (node.kind === 'scalar') return node.value.includes('\n') ? -1 : room - node.value.length;
  if (node.kind === 'alias') return room;
  let rest = room - 2;
  for (const item of node.items) {
    rest = 'key' in item ? widthOf(item.value, widthOf(item.key, rest - 4)) : widthOf(item, rest - 2);
    if (rest < 0) break;
  }
  return rest;
}

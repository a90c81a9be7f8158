/** A document as YAML that a person could have written: an item on one line where it fits, spread out where it does not. */
import { Document, isMap, isPair, isScalar, isSeq, type Node } from 'yaml';
import type { ManifestDocument } from './schema.ts';

const LINE = 110;

export function toYaml(document: ManifestDocument): string {
  const tree = new Document(document, { version: '1.2', schema: 'core', aliasDuplicateObjects: false });
  const root = tree.contents;
  // The document and the list of each section are always spread out.
  if (isMap(root)) for (const pair of root.items) layOutChildren(pair.value);
  return tree.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function layOutChildren(node: unknown): void {
  if (isSeq(node)) for (const item of node.items) layOut(item);
  if (isMap(node)) for (const pair of node.items) layOut(pair.value);
}

function layOut(node: unknown): void {
  if (!isSeq(node) && !isMap(node)) return;
  if (widthOf(node, LINE) >= 0) node.flow = true;
  else layOutChildren(node);
}

/** What is left of `room` after the node on one line, roughly; negative when it does not fit or holds a text of several lines. */
function widthOf(node: Node | unknown, room: number): number {
  if (room < 0) return room;
  if (isPair(node)) return widthOf(node.value, widthOf(node.key, room - 2));
  if (isSeq(node) || isMap(node)) {
    let rest = room - 2;
    for (const item of node.items) {
      rest = widthOf(item, rest - 2);
      if (rest < 0) break;
    }
    return rest;
  }
  const text = isScalar(node) ? String(node.value) : '';
  return text.includes('\n') ? -1 : room - text.length;
}

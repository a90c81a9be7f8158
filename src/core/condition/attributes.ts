/** Which attributes a condition looks at, as paths: `resource.properties.status`. For explanations; deciding needs none of it. */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { Json } from '../terms/json.ts';
import type { Activation, Condition } from './condition.ts';
import { environment, VARIABLES } from './environment.ts';
import { children } from './syntax.ts';

export interface Attribute {
  /** as it is written: `context["a b"].c` */
  readonly text: string;
  readonly keys: readonly string[];
}

const attributesOfCondition = new WeakMap<Condition, readonly Attribute[]>();

/** Each once, the longest that the source names, in its order. */
export function attributesOf(condition: Condition): readonly Attribute[] {
  let attributes = attributesOfCondition.get(condition);
  if (attributes === undefined) {
    const found = new Map<string, Attribute>();
    collect(environment().parse(condition.source).ast, found);
    attributes = [...found.values()];
    attributesOfCondition.set(condition, attributes);
  }
  return attributes;
}

/** What is there, undefined if nothing is. */
export function attributeIn(activation: Activation, { keys }: Attribute): Json | undefined {
  let value: unknown = { ...activation, now: new Date(activation.now).toISOString() };
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key)) return undefined;
    // `as`: an object that has this key of its own
    value = (value as Record<string, unknown>)[key];
  }
  // `as`: an activation holds JSON and nothing else
  return value as Json;
}

function collect(node: ASTNode, found: Map<string, Attribute>): void {
  const attribute = attributeAt(node);
  if (attribute !== null) {
    found.set(attribute.text, attribute);
    return;
  }
  for (const child of children(node)) collect(child, found);
}

function attributeAt(node: ASTNode): Attribute | null {
  if (node.op === 'id') return VARIABLES.some((name) => name === node.args) ? { text: node.args, keys: [node.args] } : null;
  if (node.op !== '.' && node.op !== '.?' && node.op !== '[]' && node.op !== '[?]') return null;
  const [receiver, selected] = node.args;
  const key = typeof selected === 'string' ? selected : selected.op === 'value' ? selected.args : null;
  const above = attributeAt(receiver);
  if (above === null || typeof key !== 'string') return null;
  const text = node.op === '.' || node.op === '.?' ? `${above.text}.${key}` : `${above.text}[${JSON.stringify(key)}]`;
  return { text, keys: [...above.keys, key] };
}

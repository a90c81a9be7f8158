/** What a parsed condition may be made of, beyond what CEL's own checker proves. Walks the tree once. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { LIMITS } from '../terms/limits.ts';
import { FUNCTIONS, IN_CIDR, LOOPS, METHODS, VARIABLES, type Variable } from './environment.ts';
import { notNetwork, parseNetwork } from './ip.ts';

export interface Shape {
  readonly variables: ReadonlySet<Variable>;
  /** every node that is evaluated, with the number of nodes in the body of a loop (0 for other nodes) */
  readonly nodes: ReadonlyMap<ASTNode, number>;
  /** it loops, or takes texts apart */
  readonly metered: boolean;
}

/** @throws Refused at the first node that conditions may not hold */
export function inspect(root: ASTNode): Shape {
  const variables = new Set<Variable>();
  const nodes = new Map<ASTNode, number>();
  let metered = false;

  const visit = (node: ASTNode, depth: number): void => {
    nodes.set(node, 0);
    const name = variableNamed(node);
    if (name !== undefined) variables.add(name);
    if (node.op === 'call') checkCall(node, node.args[0], node.args[1]);
    if (node.op !== 'rcall') {
      for (const child of children(node)) visit(child, depth);
      return;
    }
    const [method, receiver, args] = node.args;
    visit(receiver, depth);
    if (!LOOPS.has(method)) {
      if (!METHODS.has(method)) throw new Refused(refusal(method), node);
      if (method === IN_CIDR) {
        metered = true;
        checkNetwork(args[0]);
      }
      for (const arg of args) visit(arg, depth);
      return;
    }
    metered = true;
    if (depth >= LIMITS.conditionMacroDepth) {
      throw new Refused(`macros must not be nested more than ${LIMITS.conditionMacroDepth} deep`, node);
    }
    const before = nodes.size;
    for (const arg of args) visit(arg, depth + 1);
    nodes.set(node, nodes.size - before);
  };

  visit(root, 0);
  return { variables, nodes, metered };
}

/** A condition that CEL accepts and we don't. */
export class Refused extends Error {
  readonly node: ASTNode;

  constructor(message: string, node: ASTNode) {
    super(message);
    this.node = node;
  }
}

function variableNamed(node: ASTNode): Variable | undefined {
  return node.op === 'id' ? VARIABLES.find((variable) => variable === node.args) : undefined;
}

function checkCall(node: ASTNode, name: string, args: readonly ASTNode[]): void {
  if (!FUNCTIONS.has(name)) throw new Refused(refusal(name), node);
  // CEL-js reads a duration with a regular expression whose time grows with the cube of its text
  if (name === 'duration' && args[0]?.op !== 'value') throw new Refused('`duration` takes a literal text such as `"1h30m"`', node);
}

/** One that is written out is read when it is written. */
function checkNetwork(node: ASTNode | undefined): void {
  if (node?.op !== 'value' || typeof node.args !== 'string') return;
  if (parseNetwork(node.args) === null) throw new Refused(notNetwork(node.args), node);
}

function refusal(name: string): string {
  if (name !== 'matches') return `\`${name}\` is not a function of conditions`;
  return '`matches` is not a function of conditions, since a regular expression can run for ever: use `startsWith`, `endsWith`, `contains`';
}

/** What a node is computed from. */
export function children(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case '!_':
    case '-_':
      return [node.args];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'map':
      return node.args.flat();
    default:
      return node.args;
  }
}

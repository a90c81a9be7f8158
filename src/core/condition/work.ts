/**
 * Bounds what a condition with loops may do. Two nested macros over long lists, each step comparing or copying long values, are some
 * kilobytes of input and minutes of work; so steps, and what they compare and make, are counted, and past the limit it is an error.
 * A condition without loops and without `in_cidr` does each of its few operations once and isn't metered.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { IN_CIDR } from './environment.ts';
import type { Shape } from './syntax.ts';

/** Units per evaluation: one is about 10 ns, so well under a second; two nested macros over 1,000 numbers each take about a third of it. */
const WORK_UNITS = 20_000_000;
/** a step costs its nodes and this, so that results of `map` and `filter` stay in memory */
const UNITS_PER_STEP = 3;
/** an item of a new list, in units: 8 bytes of memory each */
const UNITS_PER_NEW_ITEM = 4;
/** converting to a time zone formats a date and reads it again */
const UNITS_PER_TIME_ZONE = 5_000;
/** two texts are taken apart */
const UNITS_PER_CIDR = 400;
/** a list or map among the parts of a value: looking into one is slower than comparing a number */
const PARTS_PER_CONTAINER = 32;
/** values are compared and searched about this many parts per unit */
const PARTS_PER_UNIT = 8;

let failure: Error | undefined;

/** One for all. Not made at the start: an error made by a module itself has V8 read the whole Worker again, for its stack. */
export function tooMuchWork(): Error {
  failure ??= new Error('too much work: macros over lists this long');
  return failure;
}

/** operators that look through their operands or copy them */
const READING: ReadonlySet<string> = new Set(['==', '!=', 'in', '+']);

/**
 * The fields of CEL-js's nodes that its typings leave out. `handle` computes a node from its operands; the checker has set it.
 * A macro is evaluated through the node in `meta.alternate`.
 */
interface Inner {
  handle?: (...args: unknown[]) => unknown;
  readonly meta: { readonly alternate?: Inner };
}

/** What all evaluations took since the isolate began, in units: whoever asks many questions pauses by it, and stops. */
let done = 0;

export function workDone(): number {
  return done;
}

/** What isn't metered step by step: values that are made ready, operations that are done once. */
export function countWork(units: number): void {
  done += units;
}

export class WorkMeter {
  private left = WORK_UNITS;
  private weights = new WeakMap<object, number>();

  /** @param shape of a condition that is parsed, checked and never evaluated yet */
  constructor(shape: Shape) {
    for (const [node, bodyNodes] of shape.nodes) this.meter(node, bodyNodes);
  }

  /** Before each evaluation. */
  reset(): void {
    this.left = WORK_UNITS;
    this.weights = new WeakMap();
  }

  /** True if the last evaluation was cut off: its value then means nothing, since CEL may have swallowed the error. */
  get exhausted(): boolean {
    return this.left < 0;
  }

  /** After each evaluation. */
  count(): void {
    done += WORK_UNITS - Math.max(0, this.left);
  }

  private meter(node: ASTNode, bodyNodes: number): void {
    // the typings describe what CEL-js promises, not all that is there; the version is pinned and test/core/condition proves that it bites
    const inner = node as unknown as Inner;
    if (bodyNodes > 0) {
      this.wrap(inner.meta.alternate, (args) => this.spend(this.lengthOf(args[0]) * (UNITS_PER_STEP + bodyNodes)));
    } else if (READING.has(node.op)) {
      this.wrap(inner, ([left, right]) => this.spend((this.weigh(left) + this.weigh(right)) / PARTS_PER_UNIT));
    } else if (node.op === 'call' || node.op === 'rcall') {
      // the first argument of `handle` is the list of operands
      const extra = node.op === 'rcall' ? unitsOf(node.args[0], node.args[2].length) : 0;
      this.wrap(inner, ([operands]) => this.spend(extra + this.weigh(operands) / PARTS_PER_UNIT));
    }
  }

  private wrap(node: Inner | undefined, before: (args: readonly unknown[]) => void): void {
    const handle = node?.handle;
    if (node === undefined || handle === undefined) return;
    node.handle = (...args) => {
      before(args);
      const result = handle(...args);
      if (typeof result === 'string') this.spend(result.length);
      else if (Array.isArray(result)) this.spend(result.length * UNITS_PER_NEW_ITEM);
      return result;
    };
  }

  private spend(units: number): void {
    this.left -= 1 + units;
    if (this.left < 0) throw tooMuchWork();
  }

  private lengthOf(items: unknown): number {
    if (Array.isArray(items)) return items.length;
    if (items instanceof Map) return items.size;
    return items !== null && typeof items === 'object' ? Object.keys(items).length : 1;
  }

  /** Characters and items in a value, all levels together, each as often as it occurs; measured once per value. */
  private weigh(value: unknown): number {
    if (typeof value === 'string') return value.length;
    if (value === null || typeof value !== 'object') return 1;
    const known = this.weights.get(value);
    if (known !== undefined) return known;
    let parts = PARTS_PER_CONTAINER;
    for (const part of partsOf(value)) parts += this.weigh(part);
    this.weights.set(value, parts);
    return parts;
  }
}

/** What a method takes beyond reading its operands. */
function unitsOf(method: string, args: number): number {
  if (method === IN_CIDR) return UNITS_PER_CIDR;
  return args > 0 && method.startsWith('get') ? UNITS_PER_TIME_ZONE : 0;
}

function partsOf(value: object): Iterable<unknown> {
  if (Array.isArray(value)) return value;
  return value instanceof Map ? value.values() : Object.values(value);
}

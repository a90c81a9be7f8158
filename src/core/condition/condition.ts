/**
 * Conditions: CEL, parsed when written, evaluated when needed (RULE.md §8). A condition holds iff its value is exactly `true`; whatever
 * goes wrong is `error`, which never allows and always denies. No input makes it run long: see `work.ts` and `environment.ts`.
 */
import type { ParseResult } from '@marcbachmann/cel-js';
import type { JsonObject } from '../terms/json.ts';
import { LIMITS } from '../terms/limits.ts';
import { BitgateError } from '../terms/problem.ts';
import { isWellFormed } from '../terms/ref.ts';
import { environment, type Variable } from './environment.ts';
import { type CelFault, faultOf, positionIn } from './fault.ts';
import { inspect, type Shape } from './syntax.ts';
import { celMap } from './values.ts';
import { countWork, tooMuchWork, WorkMeter } from './work.ts';

/** What a condition may look at. Without a resource, `resource` is `{type: '', id: '', properties: {}}`. */
export interface Activation {
  readonly subject: { readonly type: string; readonly id: string; readonly properties: JsonObject };
  readonly resource: { readonly type: string; readonly id: string; readonly properties: JsonObject };
  readonly action: { readonly name: string; readonly properties: JsonObject };
  readonly context: JsonObject;
  /** ms since 1970 */
  readonly now: number;
}

/** A parsed condition. Reusable, never two evaluations at once. */
export interface Condition {
  readonly source: string;
  readonly variables: ReadonlySet<Variable>;
  readonly program: (variables: Record<string, unknown>) => unknown;
  /** null when there is nothing to meter */
  readonly meter: WorkMeter | null;
}

export type ConditionOutcome = 'true' | 'false' | 'error';

/**
 * @throws BitgateError `invalid_condition` (422), details `{position: {offset, line, column}}` (offset in UTF-16 units from 0, line and
 * column from 1): too long, not CEL, a type error that can be proved, an unknown variable, a result that can't be a bool, a function that
 * conditions don't have, macros nested too deep, a list literal too long
 */
export function parseCondition(source: string): Condition {
  if (source.length > LIMITS.conditionChars) {
    throw invalid(source, { message: `longer than ${LIMITS.conditionChars} characters`, offset: LIMITS.conditionChars });
  }
  if (!isWellFormed(source)) throw invalid(source, { message: 'holds a lone surrogate', offset: 0 });
  try {
    const program = environment().parse(source);
    const shape = inspect(program.ast);
    checkTypes(program, source);
    return { source, variables: shape.variables, program: runnable(program), meter: meterFor(shape) };
  } catch (error) {
    throw error instanceof BitgateError ? error : invalid(source, faultOf(error, source));
  }
}

/** Exactly `true` is `true`; anything thrown, or work past the bound, is `error`; any other value is `false`. */
export function evaluateCondition(condition: Condition, activation: Activation): ConditionOutcome {
  const result = run(condition, activation);
  if (result.failure !== undefined) return 'error';
  return result.value === true ? 'true' : 'false';
}

/** What went wrong, for an explanation; `''` if nothing did. A missing key is answered with the `has(…)` that asks for it. */
export function conditionError(condition: Condition, activation: Activation): string {
  const { failure } = run(condition, activation);
  return failure === undefined ? '' : faultOf(failure, condition.source).message;
}

type Result = { readonly value: unknown; readonly failure?: undefined } | { readonly failure: Error };

function run(condition: Condition, activation: Activation): Result {
  const { program, meter, variables } = condition;
  meter?.reset();
  try {
    const value = program(celVariables(variables, activation));
    if (meter?.exhausted === true) return { failure: tooMuchWork() };
    return value instanceof Promise ? { failure: new Error('the value is not known at once') } : { value };
  } catch (error) {
    return { failure: error instanceof Error ? error : new Error(String(error)) };
  } finally {
    if (meter === null) countWork(UNITS_UNMETERED);
    else meter.count();
  }
}

/** some microseconds */
const UNITS_UNMETERED = 300;

/** Only what the condition mentions is converted. */
function celVariables(used: ReadonlySet<Variable>, activation: Activation): Record<string, unknown> {
  const { subject, resource, action, context, now } = activation;
  const variables: Record<string, unknown> = {};
  if (used.has('subject')) variables.subject = { type: subject.type, id: subject.id, properties: celMap(subject.properties) };
  if (used.has('resource')) variables.resource = { type: resource.type, id: resource.id, properties: celMap(resource.properties) };
  if (used.has('action')) variables.action = { name: action.name, properties: celMap(action.properties) };
  if (used.has('context')) variables.context = celMap(context);
  if (used.has('now')) variables.now = new Date(now);
  return variables;
}

function checkTypes(program: ParseResult, source: string): void {
  const { valid, type, error } = program.check();
  if (!valid) throw invalid(source, faultOf(error, source));
  if (type !== 'bool' && type?.startsWith('dyn') !== true) {
    throw invalid(source, { message: `the result is \`${type}\`, not \`bool\``, offset: 0 });
  }
}

function runnable(program: ParseResult): Condition['program'] {
  return (variables) => {
    // CEL-js types its result as any
    const value: unknown = program(variables);
    return value;
  };
}

function meterFor(shape: Shape): WorkMeter | null {
  return shape.metered ? new WorkMeter(shape) : null;
}

function invalid(source: string, fault: CelFault): BitgateError {
  const position = positionIn(source, fault.offset);
  const message = `the condition can't be used: ${fault.message} (line ${position.line}, column ${position.column})`;
  return new BitgateError('invalid_condition', 422, message, { position });
}

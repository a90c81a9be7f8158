/** RULE.md section 8 for the oracle: its own small CEL wrapper, so that a fault in the product's wrapper is seen. */
import { Environment } from '@marcbachmann/cel-js';
import type { Outcome, Variables } from '../../src/core/naive/variables.ts';
import { inCidr } from './ip.ts';

const environment = new Environment()
  .registerVariable('subject', 'map')
  .registerVariable('resource', 'map')
  .registerVariable('action', 'map')
  .registerVariable('context', 'map')
  .registerVariable('now', 'google.protobuf.Timestamp')
  .registerFunction('string.in_cidr(string): bool', inCidr);

type Expression = (variables: Variables) => unknown;
const parsed = new Map<string, Expression>();

export function outcomeOf(condition: string, variables: Variables): Outcome {
  try {
    let expression = parsed.get(condition);
    if (expression === undefined) {
      const program = environment.parse(condition);
      expression = (given) => program({ ...given });
      parsed.set(condition, expression);
    }
    return expression(variables) === true ? 'true' : 'false';
  } catch {
    return 'error';
  }
}

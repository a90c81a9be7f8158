/** A condition with what it looked at: the source, the values, and what was missing or went wrong. */
import { attributeIn, attributesOf } from '../../condition/attributes.ts';
import { conditionError, type Activation as Variables } from '../../condition/condition.ts';
import type { Catalog } from '../../snapshot/catalog.ts';
import type { ExplainedCondition } from '../../terms/explanation.ts';
import type { Json } from '../../terms/json.ts';
import { conditionAt } from '../conditions.ts';

/** of a value's JSON: enough to recognize it */
const VALUE_CHARS = 256;

/** @param variables null: it wasn't evaluated */
export function explainCondition(catalog: Catalog, index: number, variables: Variables | null): ExplainedCondition {
  const source = catalog.conditions[index]!;
  if (variables === null) return { source };
  const condition = conditionAt(catalog, index);
  if (condition === null) return { source, error: 'it can’t be read' };
  const error = conditionError(condition, variables);
  const values: Record<string, Json> = {};
  const missing: string[] = [];
  for (const attribute of attributesOf(condition)) {
    const value = attributeIn(variables, attribute);
    if (value === undefined) missing.push(attribute.text);
    else values[attribute.text] = shortened(value);
  }
  return { source, values, ...(missing.length > 0 ? { missing } : {}), ...(error === '' ? {} : { error }) };
}

function shortened(value: Json): Json {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  const text = JSON.stringify(value);
  return text.length <= VALUE_CHARS ? value : `${text.slice(0, VALUE_CHARS)}…`;
}

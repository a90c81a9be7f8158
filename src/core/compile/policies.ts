/** Policy rows → policy models. An allow that can't be read holds nothing; a deny that can't be read is fatal unless it is switched off. */
import { parseCondition } from '../condition/condition.ts';
import { compareCodePoints } from '../sets/compare.ts';
import { IndexUnion } from '../sets/index-union.ts';
import type { PolicyModel } from '../snapshot/model.ts';
import { BitgateError } from '../terms/problem.ts';
import type { PolicyRow } from '../terms/rows.ts';
import { namedBits, type PrivilegeIndex } from './privileges.ts';
import { readTexts } from './read.ts';
import { quote, type Report } from './report.ts';
import { sortById } from './sort-rows.ts';

export interface PolicyIndex {
  /** sorted by id */
  readonly models: readonly PolicyModel[];
  /** distinct CEL sources, sorted */
  readonly conditions: readonly string[];
  /** id → index */
  readonly byId: ReadonlyMap<string, number>;
}

interface Draft {
  readonly row: PolicyRow;
  readonly effect: 'allow' | 'deny';
  readonly active: boolean;
  /** null when something of the policy can't be read: then it holds nothing */
  readonly content: { readonly names: readonly string[]; readonly types: readonly string[]; readonly condition: string | null } | null;
}

const EFFECTS: ReadonlySet<string> = new Set(['allow', 'deny']);
const STATES: ReadonlySet<string> = new Set(['ACTIVE', 'INACTIVE', 'DRAFT']);

export function compilePolicies(rows: readonly PolicyRow[], privileges: PrivilegeIndex, report: Report): PolicyIndex {
  const sorted = sortById(rows, 'policies', report);
  const readCondition = conditionReader();
  const drafts = sorted.map((row) => readPolicy(row, readCondition, report));
  const sources = new Set(drafts.flatMap((draft) => (typeof draft.content?.condition === 'string' ? [draft.content.condition] : [])));
  const conditions = [...sources].sort(compareCodePoints);
  const conditionAt = new Map(conditions.map((source, i) => [source, i]));
  const union = new IndexUnion(privileges.models.length);
  const models = drafts.map((draft): PolicyModel => {
    const { row, content } = draft;
    const named = content === null ? [] : namedBits(content.names, row.project, privileges, `policies/${row.id}/privileges`, report);
    union.addAll(named);
    if (draft.effect === 'allow') for (const bit of named) union.addAll(privileges.implied[bit]!);
    return {
      id: row.id,
      project: row.project,
      name: row.name,
      effect: draft.effect,
      active: draft.active,
      bits: union.take(),
      named,
      types: content?.types ?? [],
      condition: typeof content?.condition === 'string' ? conditionAt.get(content.condition)! : -1,
    };
  });
  return { models, conditions, byId: new Map(models.map((model, i) => [model.id, i])) };
}

function readPolicy(row: PolicyRow, readCondition: (source: string) => string | null, report: Report): Draft {
  const path = `policies/${row.id}`;
  const knownState = STATES.has(row.state);
  const off = row.state === 'INACTIVE' || row.state === 'DRAFT';
  const complain = (code: string, column: string, message: string): void => {
    if (row.effect === 'allow' || off) report.problem(code, `${path}/${column}`, message);
    else report.fatal(code, `${path}/${column}`, message);
  };
  if (!EFFECTS.has(row.effect)) complain('unknown_effect', 'effect', `${quote(row.effect)} is neither \`allow\` nor \`deny\``);
  if (!knownState) complain('unknown_state', 'state', `${quote(row.state)} is none of \`ACTIVE\`, \`INACTIVE\`, \`DRAFT\``);
  const names = readTexts(row.privileges);
  if (names === undefined) complain('unreadable_json', 'privileges', 'expected a JSON array of texts');
  const types = readTexts(row.resource_types);
  if (types === undefined) complain('unreadable_json', 'resource_types', 'expected a JSON array of texts');
  const fault = row.condition === null ? null : readCondition(row.condition);
  if (fault !== null) complain('invalid_condition', 'condition', fault);
  const readable = names !== undefined && types !== undefined && fault === null;
  return {
    row,
    effect: row.effect === 'allow' ? 'allow' : 'deny',
    active: row.state === 'ACTIVE',
    content: readable ? { names, types, condition: row.condition } : null,
  };
}

/** Says what is wrong with a condition, null if nothing is; each source is parsed once. */
function conditionReader(): (source: string) => string | null {
  const faults = new Map<string, string | null>();
  return (source) => {
    let fault = faults.get(source);
    if (fault === undefined) {
      fault = conditionFault(source);
      faults.set(source, fault);
    }
    return fault;
  };
}

function conditionFault(source: string): string | null {
  try {
    parseCondition(source);
    return null;
  } catch (error) {
    if (error instanceof BitgateError) return error.message;
    throw error;
  }
}

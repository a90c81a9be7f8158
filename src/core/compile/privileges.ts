/** Privilege rows → bits: which entries a name stands for, and what each entry implies. */
import { closure, components } from '../sets/closure.ts';
import { compareCodePoints } from '../sets/compare.ts';
import type { Steps } from '../sets/steps.ts';
import type { PrivilegeModel } from '../snapshot/model.ts';
import type { PrivilegeRow } from '../terms/rows.ts';
import { readTexts } from './read.ts';
import { quote, type Report } from './report.ts';

export interface PrivilegeIndex {
  /** bit j is `models[j]` */
  readonly models: readonly PrivilegeModel[];
  /** name → bits of its entries, ascending */
  readonly entries: ReadonlyMap<string, readonly number[]>;
  /** bit → all bits that it implies, ascending */
  readonly implied: readonly (readonly number[])[];
}

interface Entry {
  readonly model: PrivilegeModel;
  readonly implies: readonly string[];
}

const LEVELS: ReadonlyMap<string, { readonly org: boolean; readonly project: boolean }> = new Map([
  ['org', { org: true, project: false }],
  ['project', { org: false, project: true }],
  ['both', { org: true, project: true }],
]);

/**
 * Unreadable levels or types are fatal: without the entry, another one of the same name, or `<type>:<name>`, could answer in its place and
 * pass by the denies that name it. An unreadable `implies` or `implies_all` only ever allowed.
 */
export function* privilegeSteps(rows: readonly PrivilegeRow[], report: Report): Steps<PrivilegeIndex> {
  const read = rows.map((row) => readEntry(row, report));
  yield;
  read.sort((a, b) => compareEntries(a.model, b.model));
  yield;
  const models = read.map((entry) => entry.model);
  const entries = new Map<string, number[]>();
  for (const [bit, model] of models.entries()) {
    const bits = entries.get(model.name);
    if (bits === undefined) entries.set(model.name, [bit]);
    else bits.push(bit);
  }
  for (const [name, bits] of entries) checkLevels(name, bits, models, report);
  yield;
  const implied = read.map((entry) => impliedBits(entry, entries, report));
  const successors = (bit: number): readonly number[] => implied[bit]!;
  return { models, entries, implied: closure(models.length, components(models.length, successors), successors) };
}

function readEntry(row: PrivilegeRow, report: Report): Entry {
  const path = `privileges/${row.name}`;
  const levels = LEVELS.get(row.levels);
  if (levels === undefined)
    report.fatal('unreadable_levels', `${path}/levels`, `${quote(row.levels)} is none of \`org\`, \`project\`, \`both\``);
  const types = readTexts(row.resource_types);
  if (types === undefined) report.fatal('unreadable_json', `${path}/resource_types`, 'expected a JSON array of texts');
  const implies = readTexts(row.implies);
  if (implies === undefined) report.problem('unreadable_json', `${path}/implies`, 'expected a JSON array of texts: it implies nothing');
  const impliesAll = row.implies_all === 'project';
  if (!impliesAll && row.implies_all !== '') {
    report.problem('unreadable_implies_all', `${path}/implies_all`, `${quote(row.implies_all)} is neither empty nor \`project\``);
  }
  const { org, project } = levels ?? { org: true, project: true };
  return { model: { name: row.name, org, project, types: types ?? [], impliesAll }, implies: implies ?? [] };
}

/** By name, then the organization-level entry before the project-level one. */
function compareEntries(a: PrivilegeModel, b: PrivilegeModel): number {
  return compareCodePoints(a.name, b.name) || Number(b.org) - Number(a.org) || Number(a.project) - Number(b.project);
}

function checkLevels(name: string, bits: readonly number[], models: readonly PrivilegeModel[], report: Report): void {
  const atOrg = bits.filter((bit) => models[bit]!.org).length;
  const atProject = bits.filter((bit) => models[bit]!.project).length;
  if (atOrg <= 1 && atProject <= 1) return;
  report.fatal('duplicate_name', `privileges/${name}`, `two entries are named ${quote(name)} at one level`);
}

function impliedBits(entry: Entry, entries: ReadonlyMap<string, readonly number[]>, report: Report): number[] {
  const bits: number[] = [];
  for (const name of entry.implies) {
    const found = entries.get(name);
    if (found !== undefined) bits.push(...found);
    else report.problem('unknown_privilege', `privileges/${entry.model.name}/implies`, `${quote(name)} is not in the catalog`);
  }
  return bits;
}

/**
 * The bits that a policy or role of `project` (`''`: the organization) names, ascending. A name without entries, or without one at project
 * level for a project's own, can never be asked through it: skipped and reported, in a deny too.
 */
export function namedBits(names: readonly string[], project: string, index: PrivilegeIndex, path: string, report: Report): number[] {
  const bits: number[] = [];
  for (const name of names) {
    const found = index.entries.get(name);
    if (found === undefined) {
      report.problem('unknown_privilege', path, `${quote(name)} is not in the catalog`);
      continue;
    }
    const standing = project === '' ? found : found.filter((bit) => index.models[bit]!.project);
    if (standing.length === 0) report.problem('wrong_level', path, `${quote(name)} can't be asked at project level`);
    bits.push(...standing);
  }
  return bits;
}

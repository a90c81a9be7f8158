/** Explanations as text that a person reads in a terminal: the decision first, then why, then what would have allowed it. */
import type {
  ExplainedCondition,
  ExplainedGrant,
  ExplainedPrincipal,
  ExplainedScope,
  Explanation,
  NearMiss,
} from '../../core/terms/explanation.ts';
import type { WhyAnswer } from '../common/checks/why.ts';

const COLUMNS = 100;

/** @param actions names of what was asked, in the order of the answer */
export function treeOf(answer: WhyAnswer, actions: readonly string[]): string {
  const { explanation, actions: several = [] } = answer;
  if (explanation !== undefined) return textOf(explanationTree(explanation, actions[0]!, answer.assumed));
  const parts = several.map(({ action, explanation: each }) => textOf(explanationTree(each!, action, answer.assumed)));
  return [`${verdict(answer)} for ${several.length} actions together\n`, ...parts].join('\n');
}

interface Line {
  readonly depth: number;
  readonly text: string;
  /** not broken, however long: it is to be copied */
  readonly whole?: true;
}

const line = (depth: number, text: string): Line => ({ depth, text });

function textOf(lines: readonly Line[]): string {
  return lines.map(({ depth, text, whole }) => `${whole ? '  '.repeat(depth) + text : wrapped(text, '  '.repeat(depth))}\n`).join('');
}

/** At spaces, what is continued standing further in. A word that is too long stays whole. */
function wrapped(text: string, indent: string): string {
  const lines: string[] = [];
  let current = indent;
  for (const word of text.split(' ')) {
    if (current.trim() !== '' && current.length + 1 + word.length > COLUMNS) {
      lines.push(current);
      current = `${indent}    ${word}`;
    } else current += current.length > indent.length ? ` ${word}` : word;
  }
  return [...lines, current].join('\n');
}

function verdict({ decision, reason }: Pick<Explanation, 'decision' | 'reason'>): string {
  return `${decision ? 'ALLOW' : 'DENY'} ${reason}`;
}

function explanationTree(explanation: Explanation, action: string, assumed = false): Line[] {
  const { subject, resource, privilege, level, scopes, principals, grants, more } = explanation;
  const about = resource === null ? 'the organization' : shown(resource.resource);
  return [
    line(0, verdict(explanation)),
    line(
      1,
      `${shown(subject.subject)}, ${shown(action)}, ${about}; revision ${explanation.revision}${assumed ? '; assumed, not there' : ''}`,
    ),
    line(0, 'why'),
    line(
      1,
      privilege === null ? `no privilege is meant by it at ${level} level` : `privilege ${shown(privilege.name)}, asked at ${level} level`,
    ),
    line(1, `subject ${subject.registered ? 'registered' : 'not registered'}${subject.suspended ? ', suspended' : ''}`),
    ...(resource === null
      ? []
      : [line(1, `resource ${resource.registered ? 'registered' : 'not registered'}${resource.restricted ? ', restricted' : ''}`)]),
    line(1, 'scopes'),
    ...scopes.map((scope) => line(2, scopeText(scope))),
    ...beyond(more.scopes),
    line(1, 'principals'),
    ...principals.map((principal) => line(2, principalText(principal))),
    ...beyond(more.principals),
    line(1, grants.length === 0 ? 'grants: none' : 'grants'),
    ...grants.flatMap(grantLines),
    ...beyond(more.grants),
    ...overcoming(explanation),
  ];
}

function beyond(count: number): Line[] {
  return count === 0 ? [] : [line(2, `and ${count} more`)];
}

function scopeText({ scope, path, reaches, cut_at, restricted, unregistered }: ExplainedScope): string {
  const way = path.length > 1 ? `: ${pathText(path)}` : '';
  const marks = [
    ...(restricted ? ['restricted'] : []),
    ...(unregistered ? ['not registered'] : []),
    ...(reaches ? [] : [`allows are cut at ${shown(cut_at ?? '')}`]),
  ];
  return `${shown(scope)}${way}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}`;
}

function principalText({ principal, as, path }: ExplainedPrincipal): string {
  if (as === 'itself') return shown(principal);
  return as === 'registered' || as === 'anybody' ? `${shown(principal)} (${as})` : `${shown(principal)}: ${pathText(path)} (${as})`;
}

function grantLines(grant: ExplainedGrant): Line[] {
  const { effect, outcome, principal, scope, condition, cut_at } = grant;
  return [
    line(2, `${effect} ${outcome}${cut_at === undefined ? '' : ` at ${shown(cut_at)}`}`),
    line(3, `${shown(principal)} has ${givenText(grant)} at ${shown(scope)}`),
    line(3, bundleText(grant)),
    ...windowLines(grant),
    ...(condition === undefined ? [] : conditionLines(condition)),
  ];
}

function givenText({ role, policy, default_role, assumed }: ExplainedGrant): string {
  const given = role === undefined ? `policy ${shown(policy ?? '')}` : `role ${shown(role)}`;
  return `${default_role ? 'the default ' : ''}${given}${assumed ? ' (assumed)' : ''}`;
}

function bundleText({ role, inherited, policy, holds }: ExplainedGrant): string {
  const from = inherited === undefined ? '' : `inherits ${pathText(inherited)}, `;
  const by = policy === undefined || role === undefined ? '' : `policy ${shown(policy)}, `;
  return `${from}${by}${holds}`;
}

function windowLines({ not_before, expires_at }: ExplainedGrant): Line[] {
  const bounds = [
    ...(not_before === undefined ? [] : [`from ${not_before}`]),
    ...(expires_at === undefined ? [] : [`until ${expires_at}`]),
  ];
  return bounds.length === 0 ? [] : [line(3, bounds.join(' '))];
}

function conditionLines({ source, values = {}, missing = [], error }: ExplainedCondition): Line[] {
  return [
    ...source.split('\n').map((text, i) => line(3, `${i === 0 ? 'when ' : '     '}${plain(text)}`)),
    ...Object.entries(values).map(([path, value]) => line(4, `${plain(path)} = ${plainJson(value)}`)),
    ...missing.map((path) => line(4, `${plain(path)} is missing`)),
    ...(error === undefined ? [] : [line(4, `error: ${plain(error)}`)]),
  ];
}

function overcoming({ decision, near_misses, blocked_by }: Explanation): Line[] {
  if (decision) return [];
  if (blocked_by !== null) return [line(0, `no assignment to the subject would have allowed it: ${blocked_by}`)];
  return [line(0, 'each of these would have allowed it'), ...near_misses.flatMap(missLines)];
}

/** The assignment as JSON, to be sent as it stands. */
function missLines({ assignment, privileges }: NearMiss): Line[] {
  return [
    { depth: 1, text: plainJson(assignment), whole: true },
    line(2, `gives ${privileges} ${privileges === 1 ? 'privilege' : 'privileges'}`),
  ];
}

function pathText(path: readonly string[]): string {
  return path.map(shown).join(' > ');
}

/** A text as it is if nothing about it can be mistaken, else as a JSON string. */
function shown(text: string): string {
  return /^[\p{L}\p{N}_.:/@+-]+$/u.test(text) ? text : plainJson(text);
}

/** JSON as `plain`, and still JSON: JSON writes what it escapes by UTF-16 units. */
function plainJson(value: unknown): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(UNSEEN, (character) => character.split('').map(escaped).join(''));
}

const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Without anything that a terminal would obey or a reader not see. */
function plain(text: string): string {
  return text.replace(UNSEEN, (unit) => `\\u{${unit.codePointAt(0)!.toString(16)}}`);
}

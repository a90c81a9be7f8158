/** Rows of principals → leaf entries: what each subject or group holds directly. */
import { compareCodePoints } from '../sets/compare.ts';
import type { PrincipalEntry } from '../snapshot/model.ts';
import { isReservedGroup } from '../terms/ref.ts';
import type { ApiKeyRow, AssignmentRow, GroupMemberRow, PrincipalRows, SubjectRow } from '../terms/rows.ts';
import type { Entries } from './entry-list.ts';
import { compileGrants } from './grants.ts';
import { groupBy } from './group-by.ts';
import type { KnownIds } from './known.ts';
import { isTime, readProperties } from './read.ts';
import { groupIdOf, isRef } from './refs.ts';
import { quote, Report } from './report.ts';

const API_KEY_PREFIX = 'api_key:';

/** The rows of one principal. */
interface Principal {
  readonly key: string;
  readonly subject: SubjectRow | undefined;
  readonly apiKey: ApiKeyRow | undefined;
  readonly memberships: readonly GroupMemberRow[];
  readonly assignments: readonly AssignmentRow[];
}

/**
 * @param keys principals (`user:alice`, `group:<id>`), each once
 * @param rows all rows of these principals, in any order; rows of others have no influence
 */
export function principalEntries(keys: readonly string[], rows: PrincipalRows, known: KnownIds): Entries<PrincipalEntry> {
  const report = new Report();
  const subjects = new Map(rows.subjects.map((row) => [row.subject, row]));
  const apiKeys = new Map(rows.api_keys.map((row) => [API_KEY_PREFIX + row.id, row]));
  const memberships = groupBy(rows.memberships, (row) => row.member);
  const assignments = groupBy(rows.assignments, (row) => row.principal);
  const entries = keys.map((key) => {
    const principal: Principal = {
      key,
      subject: subjects.get(key),
      apiKey: apiKeys.get(key),
      memberships: memberships.get(key) ?? [],
      assignments: assignments.get(key) ?? [],
    };
    return compilePrincipal(principal, known, report);
  });
  return { entries, problems: report.problems, fatal: report.fatals };
}

function compilePrincipal(principal: Principal, known: KnownIds, report: Report): PrincipalEntry | null {
  const { key, subject, apiKey } = principal;
  const isGroup = groupIdOf(key) !== null;
  const facts = readSubject(subject, key, isGroup, report);
  const end = readKeyState(apiKey, report);
  const entry: PrincipalEntry = {
    key,
    registered: !isGroup && (facts.named || apiKey !== undefined),
    suspended: facts.suspended || end.suspended,
    suspendedFrom: end.suspendedFrom,
    grants: compileGrants(principal.assignments, principalFault(key, known), known, report),
    groups: isGroup ? [] : compileMemberships(key, principal.memberships, known, report),
    properties: facts.properties,
  };
  return entry.registered || entry.suspended || entry.grants.length > 0 || entry.groups.length > 0 ? entry : null;
}

/** Unreadable is suspended; what can't name a subject registers none. */
function readSubject(
  row: SubjectRow | undefined,
  key: string,
  isGroup: boolean,
  report: Report,
): { named: boolean; suspended: boolean; properties: string } {
  if (row === undefined) return { named: false, suspended: false, properties: '' };
  const path = `subjects/${key}`;
  const properties = readProperties(row.properties);
  const knownStatus = row.status === 'active' || row.status === 'suspended';
  const named = isRef(key) && !isGroup;
  if (properties === undefined)
    report.problem('unreadable_json', `${path}/properties`, 'expected a JSON object: the subject counts as suspended');
  if (!knownStatus) report.problem('unknown_status', `${path}/status`, `${quote(row.status)} is unknown: the subject counts as suspended`);
  if (!named) report.problem('malformed_subject', path, `${quote(key)} can't name a subject`);
  return { named, suspended: row.status !== 'active' || properties === undefined || !named, properties: properties ?? '' };
}

/** A disabled key is a suspended subject, an expiring one is suspended from then on. */
function readKeyState(row: ApiKeyRow | undefined, report: Report): { suspended: boolean; suspendedFrom: number | null } {
  if (row === undefined) return { suspended: false, suspendedFrom: null };
  const path = `api_keys/${row.id}`;
  const knownStatus = row.status === 'active' || row.status === 'disabled';
  if (!knownStatus) report.problem('unknown_status', `${path}/status`, `${quote(row.status)} is unknown: the key counts as disabled`);
  const readable = isTime(row.expires_at);
  if (!readable) report.problem('malformed_time', `${path}/expires_at`, 'expected whole milliseconds: the key counts as disabled');
  return { suspended: row.status !== 'active' || !readable, suspendedFrom: readable ? row.expires_at : null };
}

/** What keeps a principal from ever being asked about, so that what was meant by its assignments isn't known; null if nothing does. */
function principalFault(key: string, known: KnownIds): string | null {
  if (isReservedGroup(key)) return null;
  const group = groupIdOf(key);
  if (group !== null) return known.groups.has(group) ? null : `there is no group ${quote(group)}`;
  return isRef(key) ? null : `${quote(key)} is not \`type:id\``;
}

/** Memberships carry the denies of groups: one that can't be read is fatal. */
function compileMemberships(key: string, rows: readonly GroupMemberRow[], known: KnownIds, report: Report): string[] {
  for (const row of rows) {
    const path = `group_members/${row.group_id}/${key}`;
    if (!known.groups.has(row.group_id)) report.fatal('unknown_group', path, `there is no group ${quote(row.group_id)}`);
    if (!isRef(key)) report.fatal('malformed_principal', path, `${quote(key)} is not \`type:id\``);
  }
  return [...new Set(rows.map((row) => row.group_id))].sort(compareCodePoints);
}

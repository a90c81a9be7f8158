/** Claim mappings: which claim of which issuer's tokens gives which group, or which role where. Roles and groups by id. */
import { isPattern } from '../../../core/terms/glob.ts';
import type { JsonObject } from '../../../core/terms/json.ts';
import { ORG_SCOPE } from '../../../core/terms/ref.ts';
import { quote } from '../problems.ts';
import type { ClaimMappingItem, SettingsItem } from '../settings-schema.ts';
import { resolveScope } from './assignments.ts';
import { findNamed } from './references.ts';
import type { SettingsReferences } from './settings.ts';

const PATH = 'settings.claim_mappings';
/** each is compared with each text of a claim */
const MOST_PATTERNS = 100;

export function claimMappingsValue(
  { claim_mappings: mappings = [], issuers = [] }: SettingsItem,
  references: SettingsReferences,
): JsonObject[] {
  const known = new Set(issuers.map(({ issuer }) => issuer));
  if (mappings.filter(({ pattern }) => pattern !== undefined).length > MOST_PATTERNS) {
    references.problems.add('too_many', PATH, `must not have more than ${MOST_PATTERNS} patterns: use values where you can`);
  }
  return mappings.map((mapping, i) => ({
    ...matched(mapping, `${PATH}[${i}]`, known, references),
    ...given(mapping, `${PATH}[${i}]`, references),
  }));
}

/** Of which issuer, which claim, and which value of it. */
function matched(
  { issuer, claim, value, pattern }: ClaimMappingItem,
  path: string,
  issuers: ReadonlySet<string>,
  { problems }: SettingsReferences,
): JsonObject {
  if (issuer !== undefined && !issuers.has(issuer))
    problems.add('unknown_issuer', `${path}.issuer`, `no issuer ${quote(issuer)} is configured`);
  if ((value === undefined) === (pattern === undefined)) {
    problems.add('value_or_pattern', path, 'a claim mapping names exactly one of `value` and `pattern`');
  }
  if (pattern !== undefined && !isPattern(pattern)) {
    problems.add(
      'invalid_value',
      `${path}.pattern`,
      `${quote(pattern)} is no pattern: it has 1 to 256 characters, and at most 8 of them are \`*\``,
    );
  }
  return {
    ...(issuer === undefined ? {} : { issuer }),
    claim,
    ...(value === undefined ? {} : { value }),
    ...(pattern === undefined ? {} : { pattern }),
  };
}

/** `role` with `scope` (`org` when absent), or `group`. */
function given(
  { role: roleName, scope: scopeName, group: groupName }: ClaimMappingItem,
  path: string,
  references: SettingsReferences,
): JsonObject {
  const { problems } = references;
  if ((roleName === undefined) === (groupName === undefined)) {
    problems.add('role_or_group', path, 'a claim mapping names exactly one of `role` and `group`');
    return {};
  }
  if (groupName !== undefined) {
    if (scopeName !== undefined)
      problems.add('role_or_group', `${path}.scope`, 'a scope goes with a role: a group has its own assignments');
    return { group: findNamed(references.groups, 'group', groupName, '', `${path}.group`, references)?.id ?? '' };
  }
  const role = findNamed(references.roles, 'role', roleName ?? '', '', `${path}.role`, references);
  const scope = resolveScope(scopeName ?? ORG_SCOPE, `${path}.scope`, role?.project ?? '', references);
  return { role: role?.id ?? '', scope: scope ?? '' };
}

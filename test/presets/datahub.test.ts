/** The DataHub preset against DataHub's documented role table and the size of its catalog. */
import { describe, expect, it } from 'vitest';
import { datahub } from '../../src/presets/datahub.ts';
import { ROLE_TABLE } from './datahub-role-table.ts';
import { privilegesOf } from './privilege-sets.ts';

const catalog = datahub.manifest.catalog?.privileges ?? [];
const ofKind = (kind: RegExp): string[] => catalog.filter((entry) => kind.test(entry.description ?? '')).map((entry) => entry.name);

const admin = privilegesOf(datahub, 'Admin');
const editor = privilegesOf(datahub, 'Editor');
const reader = privilegesOf(datahub, 'Reader');

describe('the role table of DataHub', () => {
  it('has 81 rows, each about another privilege', () => {
    expect(ROLE_TABLE).toHaveLength(81);
    expect(new Set(ROLE_TABLE.map(([, , privilege]) => privilege)).size).toBe(81);
  });

  it.each(ROLE_TABLE)('comes out for %s privilege %s', (_section, title, privilege, forAdmin, forEditor, forReader) => {
    expect([admin.has(privilege), editor.has(privilege), reader.has(privilege)]).toEqual([forAdmin, forEditor, forReader]);
    expect(catalog.find((entry) => entry.name === privilege)?.title).toBe(title);
  });

  it.each(ROLE_TABLE)('puts %s privilege %s into the policies of that section', (section, _title, privilege) => {
    const holders = datahub.system.policies.filter((policy) => policy.privileges.includes(privilege)).map((policy) => policy.name);
    for (const name of holders) expect(name).toMatch(section === 'platform' ? / - Platform Privileges$/ : / - Metadata Privileges$/);
  });
});

describe('privileges beside the table', () => {
  const inTable = new Set(ROLE_TABLE.map(([, , privilege]) => privilege));
  const beside = (held: Set<string>): string[] => [...held].filter((privilege) => !inTable.has(privilege)).sort();
  const forEverybody = ['VIEW_DATASET_OPERATIONS', 'VIEW_STRUCTURED_PROPERTIES_PAGE'];

  it('are few, and known', () => {
    expect(beside(reader)).toEqual(forEverybody);
    expect(beside(editor)).toEqual(forEverybody);
    expect(beside(admin).filter((privilege) => !privilege.startsWith('bitgate:'))).toEqual([
      'MANAGE_FEATURES',
      'MANAGE_SERVICE_ACCOUNTS',
      'MANAGE_SYSTEM_OPERATIONS',
      ...forEverybody,
    ]);
  });

  it('let an Admin, and no other, administer the organization, but not beyond own rights', () => {
    expect(beside(admin).filter((privilege) => privilege.startsWith('bitgate:'))).toEqual([
      'bitgate:audit',
      'bitgate:check',
      'bitgate:explain',
      'bitgate:list',
      'bitgate:manage_keys',
      'bitgate:manage_members',
      'bitgate:manage_policies',
      'bitgate:manage_resources',
      'bitgate:manage_settings',
      'bitgate:read',
    ]);
  });
});

describe('the catalog of DataHub', () => {
  it('holds the 102 privileges of its engine and the 19 that only its Cloud edition has', () => {
    expect(catalog).toHaveLength(121);
    expect(ofKind(/\(Cloud, /)).toHaveLength(19);
    expect(ofKind(/\(API only\)\.$/)).toHaveLength(16);
    expect(ofKind(/\((platform|platform and metadata)\)\.$/)).toHaveLength(43);
    expect(ofKind(/\((metadata|platform and metadata)\)\.$/)).toHaveLength(44);
  });

  it('implies no privilege of its own, so that no role gains one by implication', () => {
    for (const implied of catalog.flatMap((entry) => entry.implies ?? [])) expect(implied).toMatch(/^bitgate:/);
  });

  it('ties no privilege to resource types, and says which of 24 types offer it', () => {
    expect(catalog.flatMap((entry) => entry.resource_types ?? [])).toEqual([]);
    expect(new Set(catalog.flatMap((entry) => entry.applies_to ?? [])).size).toBe(24);
    expect(catalog.find((entry) => entry.name === 'DATA_READ_ONLY')?.applies_to).toEqual(['dataset', 'dataPlatformInstance']);
  });

  it('offers every metadata privilege on some type, and no platform or API-only one', () => {
    for (const entry of catalog) {
      const offered = (entry.applies_to ?? []).length > 0;
      expect(offered, entry.name).toBe(/\((metadata|platform and metadata)\)\.$/.test(entry.description ?? ''));
    }
  });
});

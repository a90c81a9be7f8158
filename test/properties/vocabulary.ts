/** What random worlds are made of: names and ids that are easy to confuse, and conditions that are true, false and wrong. */
import type { JsonObject } from '../../src/core/terms/json.ts';
import type { Random } from './random.ts';

/** 2026-06-15T12:00:00Z, in ms: the time at which every random world is asked */
export const NOW = 1_781_524_800_000;

/** Separators, prefixes of each other, letter case, two normal forms of one letter, and astral beside the last of the basic plane. */
export const IDS = [
  'a',
  'a:b',
  'ab',
  'A',
  'a,b',
  'a|b',
  'a/b',
  'a b',
  ' a',
  'a:',
  ':a',
  'é',
  'e\u0301',
  '\uffee',
  '\u{1f600}',
  '\u{1d4b3}',
  'org',
  'owner',
  '"',
  '0',
  '00',
  '__proto__',
  'constructor',
  'x'.repeat(300),
] as const;

export const GROUP_IDS = ['grp_a', 'grp_ab', 'grp_b', 'grp_\u{1f600}', 'grp_a:b', 'grp_a,b', 'grp_A'] as const;
export const RESOURCE_TYPES = ['dataset', 'data', 'doc', 'a/b,c'] as const;
export const OWNER_KINDS = ['', '', 'TECHNICAL', 'BUSINESS', 'a:b'] as const;

/** Names that stand alone, and names of the form `<type>:<action>`. `view` alone needs the resource's type to name one. */
export const PRIVILEGE_NAMES = [
  'read',
  'Read',
  'write',
  'dataset:read',
  'dataset:view',
  'data:view',
  'doc:view',
  'project:view',
  'a/b,c:view',
  'EDIT_ENTITY_TAGS',
  'über',
  '\u{1f511}:turn',
  'rea',
  'share',
  'delete',
  'constructor',
] as const;

export const SHORT_NAME = 'view';
export const UNKNOWN_NAMES = ['nothing', 'turn', 'READ', 'dataset', 'toString'] as const;

const WRONG_CONDITIONS = [
  'subject.properties.missing == 1',
  'subject.properties.level + "x" == "1x"',
  'resource.properties.team > 1.5',
  'context.missing.deeper',
] as const;

const CONDITIONS = [
  'subject.properties.level >= 2',
  'subject.properties.level > resource.properties.level',
  'subject.properties.team == resource.properties.team',
  'has(resource.properties.team) && resource.properties.team == "red"',
  'resource.properties.status != "archived"',
  'resource.type == "dataset" || resource.id.startsWith("a")',
  'context.network == "office"',
  'has(context.network)',
  'context.ip.in_cidr("10.0.0.0/8")',
  'context.depth.inner in [1.0, 2.0]',
  'now < timestamp("2026-06-15T12:00:00Z")',
  'now >= timestamp("2026-06-15T12:00:00Z")',
  'now.getHours() == 12',
  'action.name == "read" || action.name.contains("view")',
  'has(action.properties.reason)',
  'action.properties.reason == "audit"',
  '"admin" in subject.properties.tags',
  'subject.properties.tags.exists(t, t.startsWith("a"))',
  'size(subject.id) < 3',
  'true',
  'true',
  'false',
  'dyn("true")',
  'dyn(1)',
  'subject.properties.level',
  ...WRONG_CONDITIONS,
  'subject.type == "user" && resource.properties.status == "live"',
] as const;

export function randomCondition(random: Random, effect: 'allow' | 'deny'): string {
  return random.pick(effect === 'deny' && random.chance(0.5) ? WRONG_CONDITIONS : CONDITIONS);
}

/** Some of the properties that conditions read, so that each of them is now there and now not. */
export function randomProperties(random: Random): JsonObject {
  const all: JsonObject = {
    level: random.below(5),
    team: random.pick(['red', 'blue']),
    status: random.pick(['live', 'archived']),
    tags: random.some(['admin', 'b', 'apple'], 0.5),
  };
  return Object.fromEntries(Object.entries(all).filter(() => random.chance(0.7)));
}

/** of one network, of others, and of none */
const ADDRESSES = ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.1', '2001:db8::1', '010.1.2.3'];

export function randomContext(random: Random): JsonObject {
  return random.chance(0.3)
    ? {}
    : { network: random.pick(['office', 'home']), depth: { inner: random.below(4) }, ip: random.pick(ADDRESSES) };
}

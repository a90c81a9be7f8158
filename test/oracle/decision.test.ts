/** The naive evaluator by the text of RULE.md, §7 and §8: the decision with its reason, and conditions. */
import { describe, expect, it } from 'vitest';
import type { Reason } from '../../src/core/terms/decision.ts';
import type { OrganizationRows } from '../../src/core/terms/rows.ts';
import type { RowsLiteral } from '../scenarios/rows.ts';
import { ask, reasonOf, T, world } from './asked.ts';

describe('7. the decision', () => {
  const denying = (condition: string | undefined, more: RowsLiteral = {}): OrganizationRows =>
    world({
      policies: { noRead: { privileges: ['read'], effect: 'deny', ...(condition === undefined ? {} : { condition }) } },
      assignments: [
        ['user:alice', 'reader', 'org'],
        ['user:alice', 'noRead', 'org'],
      ],
      ...more,
    });

  it('7.1 a deny wins if its condition is absent, true or an error', () => {
    expect(ask(denying(undefined), 'user:alice read')).toBe('denied_by_policy');
    expect(ask(denying('true'), 'user:alice read')).toBe('denied_by_policy');
    expect(ask(denying('context.missing'), 'user:alice read')).toBe('denied_by_policy');
    expect(ask(denying('this does not parse'), 'user:alice read')).toBe('denied_by_policy');
    expect(ask(denying('false'), 'user:alice read')).toBe('granted');
    expect(ask(denying('"true"'), 'user:alice read')).toBe('granted');
  });

  it('7.1 restriction does not matter to denies, their window does', () => {
    const given = denying(undefined, {
      roles: { reader: { privileges: ['read'], reachesRestricted: true } },
      resources: { 'doc:shut': { restricted: true } },
    });
    expect(ask(given, 'user:alice read doc:shut')).toBe('denied_by_policy');
    const over: RowsLiteral = {
      assignments: [
        ['user:alice', 'reader', 'org'],
        ['user:alice', 'noRead', 'org', { until: T }],
      ],
    };
    expect(ask(denying(undefined, over), 'user:alice read')).toBe('granted');
    expect(ask(denying(undefined, over), 'user:alice read', { now: T - 1 })).toBe('denied_by_policy');
  });

  it('7.2 an allow needs a condition that is exactly true', () => {
    const given = (condition: string): OrganizationRows =>
      world({ policies: { reads: { privileges: ['read'], condition } }, assignments: [['user:alice', 'reads', 'org']] });
    expect(ask(given('true'), 'user:alice read')).toBe('granted');
    expect(ask(given('1'), 'user:alice read')).toBe('condition_false');
    expect(ask(given('"true"'), 'user:alice read')).toBe('condition_false');
    expect(ask(given('context'), 'user:alice read')).toBe('condition_false');
    expect(ask(given('context.missing'), 'user:alice read')).toBe('condition_error');
    expect(ask(given('nobody'), 'user:alice read')).toBe('condition_error');
  });

  it('7.3 each candidate fails at the first test, and the best of them gives the reason', () => {
    const all: NonNullable<RowsLiteral['assignments']> = [
      ['user:alice', 'broken', 'doc:shut'],
      ['user:alice', 'never', 'doc:shut'],
      ['user:alice', 'reader', 'org'],
      ['user:alice', 'broken', 'doc:shut', { from: T + 1 }],
      ['user:alice', 'broken', 'doc:shut', { until: T }],
    ];
    const reasons: Reason[] = ['condition_error', 'condition_false', 'restricted', 'not_yet_valid', 'expired', 'no_grant'];
    reasons.forEach((reason, at) => {
      const given = world({
        policies: { never: { privileges: ['read'], condition: 'false' }, broken: { privileges: ['read'], condition: 'context.missing' } },
        resources: { 'doc:shut': { restricted: true } },
        assignments: all.slice(at).reverse(),
      });
      expect(ask(given, 'user:alice read doc:shut')).toBe(reason);
    });
  });
});

describe('8. conditions', () => {
  const given = (condition: string, more: RowsLiteral = {}): OrganizationRows =>
    world({
      policies: { reads: { privileges: ['read'], condition } },
      subjects: { 'user:alice': { properties: { level: 3 } } },
      resources: { 'doc:1': { properties: { owner: 'alice' } } },
      assignments: [['group:anyone', 'reads', 'org']],
      ...more,
    });
  const alice = { type: 'user', id: 'alice', properties: { level: 9, mood: 'good' } };
  const read = { name: 'read' };

  it('see the stored properties of a registered subject, and the asserted ones over them', () => {
    expect(reasonOf(given('subject.properties.level == 3.0'), { subject: alice, action: read })).toBe('granted');
    expect(reasonOf(given('has(subject.properties.mood)'), { subject: alice, action: read })).toBe('condition_false');
    const asserted = { options: { assert: true } };
    expect(
      reasonOf(given('subject.properties.level == 9.0 && has(subject.properties.mood)'), { subject: alice, action: read }, asserted),
    ).toBe('granted');
    expect(reasonOf(given('subject.properties.level == 3.0'), { subject: { type: 'user', id: 'alice' }, action: read }, asserted)).toBe(
      'granted',
    );
  });

  it('see the properties of the request of an unregistered subject', () => {
    expect(reasonOf(given('subject.properties.level == 9.0'), { subject: { ...alice, id: 'eve' }, action: read })).toBe('granted');
  });

  it('see the stored properties of a resource, and of the request those that are not stored', () => {
    const resource = { type: 'doc', id: '1', properties: { owner: 'eve', page: 1 } };
    const condition = 'resource.properties.owner == "alice" && resource.properties.page == 1.0';
    expect(reasonOf(given(condition), { subject: alice, action: read, resource })).toBe('granted');
    expect(
      reasonOf(given('resource.properties.owner == "eve"'), { subject: alice, action: read, resource: { ...resource, id: '2' } }),
    ).toBe('granted');
  });

  it('see an empty resource where there is none', () => {
    expect(ask(given('resource.type == "" && resource.id == "" && size(resource.properties) == 0'), 'user:alice read')).toBe('granted');
  });

  it('see the type and id of both, the action, the context and the time', () => {
    const condition =
      'subject.type == "user" && subject.id == "alice" && resource.type == "doc" && resource.id == "a:b" && action.name == "read" && ' +
      'action.properties.why == "audit" && context.deep.list[1] == "x" && context.deep.list[0] == 1.0 && now == timestamp("2027-01-15T08:00:00Z")';
    const request = {
      subject: alice,
      action: { name: 'read', properties: { why: 'audit' } },
      resource: { type: 'doc', id: 'a:b' },
      context: { deep: { list: [1, 'x', null, true] } },
    };
    expect(reasonOf(given(condition), request)).toBe('granted');
  });

  it('see empty maps where the request has no context and no properties of the action', () => {
    expect(ask(given('size(context) == 0 && size(action.properties) == 0'), 'user:alice read')).toBe('granted');
  });
});

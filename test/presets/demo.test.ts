/** The demo organization is sound as a document: every name in it leads somewhere, and it shows what it promises. */
import { describe, expect, it } from 'vitest';
import { isReservedGroup } from '../../src/core/terms/ref.ts';
import { datahub } from '../../src/presets/datahub.ts';
import { demoManifest, demoQuestions } from '../../src/presets/demo.ts';
import { allPrivileges } from './privilege-sets.ts';

const { policies = [], roles = [], subjects = [], groups = [], resources = [], assignments = [] } = demoManifest;

const privilegeNames = new Set(allPrivileges(datahub).map((privilege) => privilege.name));
const policyNames = [...datahub.system.policies, ...policies].map((policy) => policy.name);
const roleNames = [...datahub.system.roles, ...roles].map((role) => role.name);
const subjectRefs = subjects.map((subject) => `${subject.type}:${subject.id}`);
const resourceRefs = resources.map((resource) => `${resource.type}:${resource.id}`);
const principals = new Set([...subjectRefs, ...groups.map((group) => `group:${group.name}`)]);

describe('the demo organization', () => {
  it('brings the whole catalog of its preset', () => {
    expect(demoManifest.catalog).toBe(datahub.manifest.catalog);
  });

  it('names things once, and shadows nothing of the preset', () => {
    for (const names of [policyNames, roleNames, subjectRefs, resourceRefs, groups.map((group) => group.name)]) {
      expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
    }
  });

  it('names only things that exist', () => {
    for (const privilege of [...policies.map((p) => p.privileges), ...roles.map((r) => r.privileges ?? [])].flat()) {
      expect(privilegeNames).toContain(privilege);
    }
    for (const role of roles) {
      for (const policy of role.policies ?? []) expect(policyNames).toContain(policy);
      for (const inherited of role.inherits ?? []) expect(roleNames).toContain(inherited);
    }
    for (const member of groups.flatMap((group) => group.members ?? [])) expect(principals).toContain(member);
    for (const resource of resources) {
      for (const parent of resource.parents ?? []) expect(resourceRefs).toContain(parent);
      for (const owner of resource.owners ?? []) expect(principals).toContain(owner.subject);
    }
    for (const assignment of assignments) {
      expect(isReservedGroup(assignment.subject) || principals.has(assignment.subject), assignment.subject).toBe(true);
      expect(['org', ...resourceRefs]).toContain(assignment.scope);
      if (assignment.role !== undefined) expect(roleNames).toContain(assignment.role);
      else expect(policyNames).toContain(assignment.policy);
    }
  });

  it('holds a dozen users, one of them suspended, and a service', () => {
    expect(subjects.filter((subject) => subject.type === 'user')).toHaveLength(12);
    expect(subjects.filter((subject) => subject.status === 'suspended')).toHaveLength(1);
    expect(subjects.filter((subject) => subject.type === 'service')).toHaveLength(1);
  });

  it('has a nested group, a nested domain, a restricted dataset with owners, a deny, a condition and an expiry', () => {
    expect(groups.some((group) => group.members?.some((member) => member.startsWith('group:')))).toBe(true);
    expect(resources.some((resource) => resource.type === 'domain' && (resource.parents ?? []).length > 0)).toBe(true);
    const restricted = resources.filter((resource) => resource.access === 'restricted');
    expect(restricted).toHaveLength(1);
    expect(restricted[0]?.owners).toHaveLength(2);
    expect(policies.some((policy) => policy.effect === 'deny')).toBe(true);
    expect(policies.some((policy) => policy.condition !== undefined)).toBe(true);
    expect(assignments.some((assignment) => assignment.expires_at !== undefined)).toBe(true);
  });

  it('has an owner, and an administrator, without end date', () => {
    for (const role of ['bitgate:owner', 'Admin']) {
      expect(assignments).toContainEqual(expect.objectContaining({ role, scope: 'org' }));
    }
  });

  it('asks only about what it holds, an allow first and a deny second', () => {
    expect(demoQuestions.slice(0, 2).map((question) => question.decision)).toEqual([true, false]);
    for (const question of demoQuestions) {
      expect(subjectRefs).toContain(question.subject);
      expect(resourceRefs).toContain(question.resource);
      expect(privilegeNames).toContain(question.action);
      expect(question.decision).toBe(question.reason === 'granted');
    }
  });
});

/** SEC-46 at both levels: policies and roles, members and assignments, keys. */
import { type Case, of } from './case.ts';

/** Roles and policies are alike at both levels. */
export function bundles(level: string, suffix: string, scope: string): Case[] {
  const at = scope === 'org' ? '' : `@${scope}`;
  const manage = `manage_policies${at}`;
  const [allowing, denying, conditional, held] =
    scope === 'org' ? ['Editing', 'No export', 'Level one', 'Viewer'] : ['P editing', 'P no export', 'P level one', 'P viewer'];
  const policy = (name: string): string => `${level}/policies/${encodeURIComponent(name)}`;
  const roleAt = (name: string): string => `${level}/roles/${encodeURIComponent(name)}`;
  const condition = 'resource.properties.level == 1';
  return [
    ...of(`createPolicy${suffix}`, `${level}/policies`, ['nothing: nobody has it', manage, { name: 'New', privileges: ['export'] }]),
    ...of(
      `replacePolicy${suffix}`,
      policy(allowing),
      ['one more', `${manage} export${at}`, { name: allowing, privileges: ['edit', 'export'] }],
      ['less', `${manage} edit${at}`, { name: allowing, privileges: [] }],
      ['of some types only', `${manage} edit${at}`, { name: allowing, privileges: ['edit'], resource_types: ['dataset'] }],
      ['a deny', `${manage} edit${at}`, { name: allowing, privileges: ['edit'], effect: 'deny' }],
    ),
    ...of(`replacePolicy${suffix}`, policy(denying), [
      'what a deny kept',
      `${manage} export${at}`,
      { name: denying, effect: 'deny', privileges: [] },
    ]),
    ...of(
      `updatePolicy${suffix}`,
      policy(conditional),
      ['what a condition kept', `${manage} cond${at}`, { condition: null }],
      ['another condition', `${manage} cond${at}`, { condition: `${condition} || true` }],
      ['under the condition', `${manage} cond${at} export${at}`, { privileges: ['export'] }],
    ),
    ...of(`updatePolicy${suffix}`, policy(denying), ['what a deny kept', `${manage} export${at}`, { state: 'INACTIVE' }]),
    ...of(`updatePolicy${suffix}`, policy(allowing), ['nothing: what it is called', manage, { description: 'edits' }]),
    ...of(`deletePolicy${suffix}`, policy(denying), ['what a deny kept', `${manage} export${at}`, undefined, '?force=true']),
    ...of(`deletePolicy${suffix}`, policy(allowing), ['less', `${manage} edit${at}`, undefined, '?force=true']),
    ...of(`createRole${suffix}`, `${level}/roles`, ['nothing: nobody has it', manage, { name: 'New', privileges: ['export'] }]),
    ...of(
      `replaceRole${suffix}`,
      roleAt(held),
      ['one more', `${manage} export${at}`, { name: held, privileges: ['view', 'export'] }],
      ['another', `${manage} export${at} view${at}`, { name: held, privileges: ['export'] }],
      ['a policy', `${manage} edit${at}`, { name: held, privileges: ['view'], policies: [allowing] }],
    ),
    ...of(
      `updateRole${suffix}`,
      roleAt(held),
      ['what is inherited', `${manage} edit${at}`, { inherits: [scope === 'org' ? 'Editor' : 'P editor'] }],
      ['all there is', `${manage} escalate`, { all_privileges: true }],
      ['what is restricted', `${manage} escalate`, { reaches_restricted: true }],
      ['a deny', `${manage} export${at}`, { policies: [denying] }],
      ['nothing: what it is called', manage, { title: 'Viewing' }],
    ),
    ...of(`deleteRole${suffix}`, roleAt(held), ['less', `${manage} view${at}`, undefined, '?force=true']),
    ...of(`addRolePrivilege${suffix}`, `${roleAt(held)}/privileges/export`, ['one more', `${manage} export${at}`]),
    ...of(`removeRolePrivilege${suffix}`, `${roleAt(held)}/privileges/view`, ['less', `${manage} view${at}`]),
  ];
}

/** What is held by members, at both levels. */
export function holdings(level: string, suffix: string, scope: string): Case[] {
  const at = scope === 'org' ? '' : `@${scope}`;
  const manage = `manage_members${at}`;
  const [viewer, editor] = scope === 'org' ? ['Viewer', 'Editor'] : ['p1/P viewer', 'p1/P editor'];
  const given = { subject: 'user:idle', role: viewer, scope };
  const holder = scope === 'org' ? 'user:held' : 'user:local';
  const gone = `subject=${holder}&role=${encodeURIComponent(viewer)}&scope=${scope}`;
  const name = scope === 'org' ? 'Org' : 'Project';
  const rows: Case[] = [
    ...of(
      `createAssignment${suffix}`,
      `${level}/assignments`,
      ['a role', `${manage} view${at}`, given],
      ['a role for a time', `${manage} view${at}`, { ...given, expires_at: '2099-01-01T00:00:00Z' }],
      ['a role to everyone', `${manage} view${at}`, { ...given, subject: 'group:everyone' }],
      ['a role to owners', `${manage} view${at}`, { ...given, subject: 'group:owner' }],
      ['a role that inherits', `${manage} edit${at}`, { ...given, role: 'Heir' }],
      ['a policy', `${manage} edit${at}`, { subject: 'user:idle', policy: 'Editing', scope }],
      ['a deny', `${manage} export${at}`, { subject: 'user:idle', policy: 'No export', scope }],
      ['a conditional policy', `${manage} cond${at}`, { subject: 'user:idle', policy: 'Level one', scope }],
      ['every right', `${manage} escalate`, { subject: 'user:idle', role: 'bitgate:owner', scope }],
    ),
    ...of(`deleteAssignments${suffix}`, `${level}/assignments?${gone}`, ['less', `${manage} view${at}`]),
    ...of(`deleteAssignment${suffix}`, `${level}/assignments/{viewerAt${name}}`, ['less', `${manage} view${at}`]),
    ...of(`deleteAssignment${suffix}`, `${level}/assignments/{denyAt${name}}`, ['what a deny kept', `${manage} export${at}`]),
    ...of(
      `assignBatch${suffix}`,
      `${level}/assignments/batch`,
      ['a role', `${manage} view${at}`, { role: viewer, subjects: ['user:idle', 'user:new'] }],
      ['less', `${manage} view${at}`, { role: null, subjects: [holder] }],
      ['a deny', `${manage} export${at}`, { policy: 'No export', subjects: ['user:idle'] }],
    ),
    ...of(`putMember${suffix}`, `${level}/members/user:idle`, ['a role', `${manage} view${at}`, { roles: [viewer] }]),
    ...of(`putMember${suffix}`, `${level}/members/${holder}`, ['another role', `${manage} view${at} edit${at}`, { roles: [editor] }]),
    ...of(
      `transferOwnership${suffix}`,
      `${level}/members/${holder}/transfer-ownership`,
      ['a role, to another one', `${manage} view${at}`, { to: 'user:idle', role: viewer }],
      ['another role instead', `${manage} view${at} edit${at}`, { to: 'user:idle', role: viewer, demote_to: editor }],
    ),
    ...of(`createInvitation${suffix}`, `${level}/invitations`, ['a role', `${manage} view${at}`, { role: viewer }]),
    ...of(`resendInvitation${suffix}`, `${level}/invitations/{invitationAt${name}}/resend`, ['a role', `${manage} view${at}`]),
    ...of(`revokeInvitation${suffix}`, `${level}/invitations/{invitationAt${name}}`, ['nothing: nobody has it yet', manage]),
  ];
  return rows;
}

export function keys(level: string, suffix: string, scope: string): Case[] {
  const at = scope === 'org' ? '' : `@${scope}`;
  const manage = `manage_keys${at}`;
  const name = scope === 'org' ? 'Org' : 'Project';
  const viewer = scope === 'org' ? 'Viewer' : 'p1/P viewer';
  const [key, off] = [`${level}/api-keys/{keyAt${name}}`, `${level}/api-keys/{offKeyAt${name}}`];
  return [
    ...of(
      `createApiKey${suffix}`,
      `${level}/api-keys`,
      ['a role', `${manage} view${at}`, { name: 'k', roles: [{ role: viewer, scope }] }],
      ['a role for a time', `${manage} view${at}`, { name: 'k', roles: [{ role: viewer, scope }], expires_at: '2099-01-01T00:00:00Z' }],
    ),
    ...of(
      `updateApiKey${suffix}`,
      key,
      ['nothing: what it is called', manage, { name: 'other' }],
      ['less', `${manage} view${at}`, { status: 'disabled' }],
      ['an end', `${manage} view${at}`, { expires_at: '2099-01-01T00:00:00Z' }],
    ),
    ...of(`updateApiKey${suffix}`, off, ['what it had', `${manage} view${at}`, { status: 'active' }]),
    ...of(`rotateApiKey${suffix}`, `${key}/rotate`, ['its rights, to who rotates it', `${manage} view${at}`, {}]),
    ...of(`deleteApiKey${suffix}`, key, ['less', `${manage} view${at}`]),
  ];
}

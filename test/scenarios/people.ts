/** Scenarios about who asks: subjects, keys, groups, owners, the default role. */
import { rows } from './rows.ts';
import type { Scenario } from './scenario.ts';

const PAST = Date.UTC(2019, 0, 1);
const FUTURE = Date.UTC(2095, 0, 1);

export const peopleScenarios: readonly Scenario[] = [
  {
    name: 'groups reach through groups, and a subject of type group is none',
    rows: rows({
      privileges: { read: {}, write: {}, admin: {}, wave: {} },
      roles: {
        reader: { privileges: ['read'] },
        writer: { privileges: ['write'] },
        admin: { privileges: ['admin'] },
        waver: { privileges: ['wave'] },
      },
      groups: { company: ['group:department', 'user:boss'], department: ['group:team'], team: ['user:ann'], other: ['user:ole'] },
      subjects: { 'user:loner': {} },
      assignments: [
        ['group:company', 'reader', 'org'],
        ['group:team', 'writer', 'org'],
        ['group:everyone', 'admin', 'doc:open'],
        ['group:anyone', 'waver', 'org'],
      ],
    }),
    cases: [
      ['user:ann', 'read', undefined, 'allow', 'granted'],
      ['user:ann', 'write', undefined, 'allow', 'granted'],
      ['user:boss', 'read', undefined, 'allow', 'granted'],
      ['user:boss', 'write', undefined, 'deny', 'no_grant'],
      ['user:ole', 'read', undefined, 'deny', 'no_grant'],
      ['user:loner', 'admin', 'doc:open', 'allow', 'granted'],
      ['user:stranger', 'admin', 'doc:open', 'deny', 'no_grant'],
      ['user:stranger', 'wave', 'doc:any', 'allow', 'granted'],
      ['group:grp_team', 'write', undefined, 'deny', 'no_grant'],
      ['group:everyone', 'admin', 'doc:open', 'deny', 'no_grant'],
      ['group:grp_team', 'wave', undefined, 'allow', 'granted'],
    ],
  },
  {
    name: 'owners hold what is granted to owners, on what they own and nowhere else',
    rows: rows({
      privileges: { edit: {}, certify: {} },
      roles: { editor: { privileges: ['edit'] }, certifier: { privileges: ['certify'] } },
      groups: { stewards: ['group:experts'], experts: ['user:eve'] },
      subjects: { 'user:bob': {} },
      resources: {
        'folder:f': { owners: ['user:ann'] },
        'doc:own': { parents: ['folder:f'], restricted: true, owners: [['user:tom', 'TECHNICAL'], 'group:stewards'] },
      },
      assignments: [
        ['group:owner', 'editor', 'org'],
        ['group:owner:TECHNICAL', 'certifier', 'folder:f'],
      ],
    }),
    cases: [
      ['user:ann', 'edit', 'folder:f', 'allow', 'granted'],
      ['user:ann', 'edit', 'doc:own', 'deny', 'no_grant'],
      ['user:tom', 'edit', 'doc:own', 'allow', 'granted'],
      ['user:tom', 'certify', 'doc:own', 'allow', 'granted'],
      ['user:eve', 'edit', 'doc:own', 'allow', 'granted'],
      ['user:eve', 'certify', 'doc:own', 'deny', 'no_grant'],
      ['user:bob', 'edit', 'doc:own', 'deny', 'no_grant'],
      ['user:tom', 'edit', undefined, 'deny', 'no_grant'],
    ],
  },
  {
    name: 'the suspended are denied before anything else is looked at',
    rows: rows({
      privileges: { read: {} },
      roles: { reader: { privileges: ['read'] } },
      subjects: { 'user:out': { suspended: true } },
      keys: { good: FUTURE, old: PAST, off: 'disabled', endless: null },
      assignments: [['group:anyone', 'reader', 'org']],
      settings: { closed_types: ['closed'] },
    }),
    cases: [
      ['user:out', 'read', undefined, 'deny', 'subject_suspended'],
      ['user:out', 'unheard', 'closed:x', 'deny', 'subject_suspended'],
      ['api_key:good', 'read', undefined, 'allow', 'granted'],
      ['api_key:endless', 'read', undefined, 'allow', 'granted'],
      ['api_key:old', 'read', undefined, 'deny', 'subject_suspended'],
      ['api_key:off', 'read', 'doc:x', 'deny', 'subject_suspended'],
      ['service:off', 'read', 'doc:x', 'allow', 'granted'],
    ],
  },
  {
    name: 'the default role is for the registered who hold no role of their own on the organization',
    rows: rows({
      privileges: { browse: {}, edit: {} },
      policies: { edits: { privileges: ['edit'] } },
      roles: { guest: { privileges: ['browse'] }, editor: { privileges: ['edit'] } },
      groups: { editors: ['user:grouped'] },
      subjects: { 'user:new': {}, 'user:gone': { suspended: true } },
      resources: { 'doc:plan': {}, 'doc:secret': { restricted: true } },
      assignments: [
        ['user:own', 'editor', 'org'],
        ['user:local', 'editor', 'doc:plan'],
        ['user:policy', 'edits', 'org'],
        ['user:late', 'editor', 'org', { from: FUTURE }],
        ['user:former', 'editor', 'org', { until: PAST }],
        ['group:editors', 'editor', 'org'],
      ],
      settings: { default_role: 'guest' },
    }),
    cases: [
      ['user:new', 'browse', 'doc:plan', 'allow', 'granted'],
      ['user:new', 'browse', 'doc:secret', 'deny', 'restricted'],
      ['user:stranger', 'browse', 'doc:plan', 'deny', 'no_grant'],
      ['user:gone', 'browse', 'doc:plan', 'deny', 'subject_suspended'],
      ['user:own', 'browse', 'doc:plan', 'deny', 'no_grant'],
      ['user:local', 'browse', 'doc:plan', 'allow', 'granted'],
      ['user:policy', 'browse', 'doc:plan', 'allow', 'granted'],
      ['user:late', 'browse', 'doc:plan', 'allow', 'granted'],
      ['user:late', 'edit', 'doc:plan', 'deny', 'not_yet_valid'],
      ['user:former', 'browse', 'doc:plan', 'allow', 'granted'],
      ['user:former', 'edit', 'doc:plan', 'deny', 'expired'],
      ['user:grouped', 'browse', 'doc:plan', 'allow', 'granted'],
    ],
  },
  {
    name: 'ids are compared whole: case, separators, normal forms and prefixes make others',
    rows: rows({
      privileges: { read: {}, Read: {} },
      roles: { reader: { privileges: ['read'] } },
      assignments: [
        ['user:a', 'reader', 'doc:x'],
        ['user:a:b', 'reader', 'doc:x,y'],
        ['user:é', 'reader', 'doc:\u{1f600}'],
        ['user:a|b', 'reader', 'doc:x/y'],
      ],
    }),
    cases: [
      ['user:a', 'read', 'doc:x', 'allow', 'granted'],
      ['user:a', 'Read', 'doc:x', 'deny', 'no_grant'],
      ['user:a', 'READ', 'doc:x', 'deny', 'unknown_privilege'],
      ['user:A', 'read', 'doc:x', 'deny', 'no_grant'],
      ['user: a', 'read', 'doc:x', 'deny', 'no_grant'],
      ['user:a:b', 'read', 'doc:x', 'deny', 'no_grant'],
      ['user:a:b', 'read', 'doc:x,y', 'allow', 'granted'],
      [{ type: 'user', id: 'a:b' }, 'read', { type: 'doc', id: 'x,y' }, 'allow', 'granted'],
      ['user:a', 'read', 'doc:x,y', 'deny', 'no_grant'],
      ['user:a', 'read', 'doc:x/y', 'deny', 'no_grant'],
      ['user:a|b', 'read', 'doc:x/y', 'allow', 'granted'],
      ['user:é', 'read', 'doc:\u{1f600}', 'allow', 'granted'],
      ['user:e\u0301', 'read', 'doc:\u{1f600}', 'deny', 'no_grant'],
      ['user:é', 'read', 'doc:\u{1f601}', 'deny', 'no_grant'],
      ['users:a', 'read', 'doc:x', 'deny', 'no_grant'],
    ],
  },
];

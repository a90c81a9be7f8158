/** What the table of SEC-46 is written in: a case, the world's things by name, and short words for what many cases say. */

/** Ids of the world, by the name that the table gives them, and its document. */
export interface WorldIds {
  readonly names: Readonly<Record<string, string>>;
  /** the organization as a manifest */
  readonly document: ManifestDocument;
}

export interface ManifestDocument {
  readonly [section: string]: unknown;
  readonly roles: readonly { readonly name: string }[];
  readonly policies: readonly { readonly name: string }[];
  readonly groups: readonly { readonly name: string }[];
  readonly assignments: readonly object[];
  readonly settings: { readonly claim_mappings: readonly object[] };
  readonly catalog: { readonly privileges: readonly { readonly name: string }[] };
}

export interface Case {
  /** id of the operation */
  readonly operation: string;
  /** what the write gives, takes, widens or un-denies */
  readonly gives: string;
  /** below `/admin/orgs/{org}` */
  readonly path: string;
  readonly body?: object | ((world: WorldIds) => object);
  readonly rights: string;
}

/** All that `user:held` has: itself, by its group, by a project's role and as an owner. */
export const ALL_OF_HELD = 'view export edit cond under@folder:f1 annotate@project:p1 own@dataset:owned';
/** All that is held at the organization and does not reach restricted resources: whoever opens or shuts something moves it. */
export const OPENED = 'view edit cond own team ranked bitgate:list';
export const MANIFEST = 'manage_policies manage_members manage_resources manage_settings';

export const ORG = '';
export const P1 = '/projects/p1';

/** Cases of one operation. */
export function of(
  operation: string,
  path: string,
  ...rows: readonly (readonly [gives: string, rights: string, body?: Case['body'], query?: string])[]
): Case[] {
  return rows.map(([gives, rights, body, query = '']) => ({
    operation,
    gives,
    path: path + query,
    rights,
    ...(body === undefined ? {} : { body }),
  }));
}

export const role = (name: string, more: object = {}) => ({ subject: 'user:idle', role: name, scope: 'org', ...more });

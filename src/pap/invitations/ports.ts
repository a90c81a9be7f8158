/** What invitations need to look up. */
import type { ListPage } from '../control-ports.ts';
import type { InvitationRow, InvitationState } from './rows.ts';

export interface InvitedRole {
  readonly id: string;
  /** as a reference: `<name>`, of a project `<project>/<name>`; the id when the role is gone */
  readonly name: string;
}

export interface NamedInvitation {
  readonly row: InvitationRow;
  readonly roles: readonly InvitedRole[];
}

export interface InvitationLookup {
  /** null: there is none */
  invitation(id: string): Promise<NamedInvitation | null>;
  /**
   * In order of id.
   * @param project only those at the project or below it; `''`: all
   */
  page(
    project: string,
    filter: { readonly state: InvitationState | null; readonly now: number },
    after: string,
    limit: number,
  ): Promise<ListPage<NamedInvitation>>;
  /**
   * Which of the addresses belong to somebody already, whatever the case of ASCII letters.
   * @returns in lower case: `member` has a direct role at the scope (at `org`: is registered), `invited` has a pending invitation there
   */
  knownEmails(scope: string, emails: readonly string[], now: number): Promise<ReadonlyMap<string, 'member' | 'invited'>>;
}

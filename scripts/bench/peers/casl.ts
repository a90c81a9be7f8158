/** CASL: an ability per subject, kept as a session would keep it; each assignment is a rule with its scope as a condition. */
import { resourceOf, userOf } from './holdings.ts';
import { importPeer } from './install.ts';
import type { Ask, Peer, World } from './peer.ts';

interface Ability {
  can(action: string, subject: object): boolean;
}

/** What is used of `@casl/ability`. */
interface Casl {
  createMongoAbility(rules: readonly { action: readonly string[]; subject: string; conditions: { chain: string } }[]): Ability;
  subject(type: string, object: object): object;
}

export const casl: Peer = {
  name: '@casl/ability',
  how: 'an ability per subject made beforehand, scopes as conditions, groups resolved beforehand',
  asked: { S: 20_000, M: 20_000, L: 4_000, catalog: 20_000 },
  async prepare({ holdings, questions }: World): Promise<Ask> {
    // the names of the package's own documentation
    const { createMongoAbility, subject } = (await importPeer('@casl/ability')) as Casl;
    const abilities = new Map<string, Ability>();
    for (const question of questions) {
      const user = userOf(question);
      if (abilities.has(user)) continue;
      const rules = [...holdings.rolesByScope(user)].map(([scope, roles]) => ({
        action: [...new Set([...roles].flatMap((role) => holdings.privileges.get(role)!))],
        subject: question.resourceType,
        conditions: { chain: scope },
      }));
      abilities.set(user, createMongoAbility(rules));
    }
    return (question) =>
      abilities
        .get(userOf(question))!
        .can(question.action, subject(question.resourceType, { chain: holdings.scopes(resourceOf(question)) }));
  },
};

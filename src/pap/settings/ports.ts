/** What the use cases of settings and routes look up. Each method is one transaction. */
import type { RouteRow, SettingsRow } from '../../core/terms/rows.ts';
import type { Found } from '../control-ports.ts';

export interface ConfigurationLookup {
  settings(): Promise<SettingsRow | null>;
  /** in order */
  routes(): Promise<readonly RouteRow[]>;
  /** of the names, those that the catalog has, at whatever level */
  privileges(names: readonly string[]): Promise<readonly string[]>;
  /** whatever the references may mean: ids, names of the organization, `<project>/<name>`, and for roles the projects that they may begin with */
  named(
    roles: readonly string[],
    groups: readonly string[],
  ): Promise<{ readonly roles: readonly Found[]; readonly groups: readonly Found[]; readonly projects: readonly string[] }>;
}

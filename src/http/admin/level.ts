/** The level that an address stands at: `/admin/orgs/{org}/…` or `/admin/orgs/{org}/projects/{project}/…`. */
import { type Level, ORG_LEVEL, projectLevel } from '../../pap/assignments/level.ts';
import { ORG, PROJECT, type Route } from './route.ts';
import type { Asked } from './services.ts';

/** @throws BitgateError `invalid_reference` (400) when nothing could have the id of that project */
export function levelOf({ params: { project } }: Asked): Level {
  return project === undefined ? ORG_LEVEL : projectLevel(project);
}

/** The same operation at both levels; `path` begins behind the level. */
export function atBothLevels(routes: readonly Route[]): Route[] {
  return [
    ...routes.map((route) => ({ ...route, path: `${ORG}${route.path}` })),
    ...routes.map((route) => ({
      ...route,
      path: `${PROJECT}${route.path}`,
      id: `${route.id}InProject`,
      summary: `${route.summary}, in a project`,
    })),
  ];
}

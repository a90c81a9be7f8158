/** Operations that exist at both levels: of the organization, and of one project. */
import { type Level, levelOf } from '../../pap/bundles/level.ts';
import { ORG, PROJECT, type Route } from './route.ts';
import type { Asked } from './services.ts';

/** @param routes with paths below the level: `/roles/:role` */
export function atBothLevels(routes: readonly Route[]): readonly Route[] {
  return routes.flatMap((route) => [
    { ...route, path: `${ORG}${route.path}` },
    { ...route, path: `${PROJECT}${route.path}`, id: `${route.id}InProject`, summary: `${route.summary}, in a project` },
  ]);
}

/** @throws BitgateError `invalid_reference` (400) */
export function levelAsked({ params }: Asked): Level {
  return levelOf(params.project);
}

/** The shape of one entry of the route map of forward-auth. What its parts may say is the grammar of `core/terms/route.ts`. */

import * as z from 'zod';
import { lazy } from '../../core/terms/lazy.ts';
import { METHODS } from '../../core/terms/route.ts';

export const routeSchema = lazy(() =>
  z.strictObject({
    hosts: z.array(z.string().min(1)).min(1),
    methods: z.array(z.enum(METHODS)).min(1),
    path: z.string().startsWith('/'),
    action: z.string().min(1),
    resource: z.string().optional(),
    parents: z.array(z.string()).optional(),
  }),
);

export type RouteItem = z.infer<typeof routeSchema>;

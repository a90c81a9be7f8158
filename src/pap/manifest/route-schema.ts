/**
 * One entry of the forward-auth route map. Methods are a closed list, so that an unknown one is refused when written, not let through
 * when asked.
 */
import * as z from 'zod';

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'] as const;

export const routeSchema = z.strictObject({
  hosts: z.array(z.string().min(1)).min(1),
  methods: z.array(z.enum(METHODS)).min(1),
  path: z.string().startsWith('/'),
  action: z.string().min(1),
  resource: z.string().optional(),
  parents: z.array(z.string()).optional(),
});

export type RouteItem = z.infer<typeof routeSchema>;

/** Points in time as questions write them. */

import * as z from 'zod';
import { described, lazy } from '../../core/terms/lazy.ts';
import { parseTime } from '../../pap/manifest/times.ts';

/** RFC 3339, as milliseconds since 1970. */
export const time = lazy(() =>
  z
    .string()
    .meta(described(() => ({ format: 'date-time' })))
    .transform((text, context) => {
      const ms = parseTime(text);
      if (ms !== null) return ms;
      context.addIssue({ code: 'custom', message: 'expected a time with zone, as `2027-01-31T00:00:00Z`' });
      return z.NEVER;
    }),
);

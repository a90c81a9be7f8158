/** Points in time: ISO 8601 with zone in documents, milliseconds since 1970 in rows. */

const FORM = /^(\d{4}|[+-]\d{6})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)$/;
/** the widest a Date goes */
const MAX_MS = 8.64e15;

/**
 * Milliseconds since 1970, or null for anything but a real point in time with a zone (`2027-02-30…` is none, though `Date.parse` takes
 * it).
 */
export function parseTime(text: string): number | null {
  const parts = FORM.exec(text);
  if (parts === null || parts[1] === '-000000') return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]; // six groups
  const milliseconds = Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const zone = zoneMinutes(parts[8] ?? 'Z');
  if (hour > 23 || minute > 59 || second > 59 || zone === null) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  date.setUTCHours(hour, minute - zone, second, milliseconds);
  return Number.isNaN(date.getTime()) ? null : date.getTime();
}

function zoneMinutes(zone: string): number | null {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4));
  if (hours > 23 || minutes > 59) return null;
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

/** As a document writes it, without milliseconds that are zero. Times beyond what a date can be are the last or first that it can. */
export function formatTime(ms: number): string {
  const text = new Date(Math.min(Math.max(Math.trunc(ms), -MAX_MS), MAX_MS)).toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text;
}

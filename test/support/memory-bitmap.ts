/** Bitmap documents of a snapshot in memory, as the decoder opens them: through encoding and signature. */
import { type Bitmap, openBitmap } from '../../src/client/bitmap.ts';
import type { JsonObject } from '../../src/core/terms/json.ts';
import { Signer } from '../../src/http/common/signing.ts';
import { type BitmapQuestion, buildBitmap } from '../../src/pdp/bitmap/build.ts';
import { BITMAP_TYPE, type BitmapDocument } from '../../src/pdp/bitmap/document.ts';
import type { Reading } from '../../src/pdp/bitmap/reading.ts';
import type { Span } from '../../src/pdp/bitmap/rows.ts';

const ISSUER = 'https://pdp.test/orgs/acme';
const signer = new Signer(['a-secret-of-the-tests-of-32-characters!']);

export interface MadeBitmap {
  readonly bitmap: Bitmap;
  readonly document: BitmapDocument;
  readonly token: string;
}

/** @param now of the decoder */
export async function makeBitmap(reading: Reading, question: BitmapQuestion, span: Span, now: () => number): Promise<MadeBitmap> {
  const document = await buildBitmap(reading, question, span);
  const { type, id } = question.subject;
  const token = await signer.sign(BITMAP_TYPE, { iss: ISSUER, sub: `${type}:${id}`, ...span, bitgate: document });
  const { keys } = await signer.jwks();
  return { bitmap: await openBitmap(token, { keys: { keys: [...keys] }, now, issuer: ISSUER, clockToleranceS: 0 }), document, token };
}

/** The parents that RULE.md §2 reads out of an unregistered resource's properties; things that are no references may be among them. */
export function claimedParents(properties: JsonObject | undefined): string[] {
  const { parents, project } = properties ?? {};
  const claimed = Array.isArray(parents) ? parents.filter((parent) => typeof parent === 'string') : [];
  return typeof project === 'string' && project !== '' ? [...claimed, `project:${project}`] : claimed;
}

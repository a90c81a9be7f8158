/** Bitmap documents, read by the client's decoder: one for each subject, with and without the resources named, registered or not. */
import { env } from 'cloudflare:workers';
import { type Bitmap, openBitmap } from '../../../src/client/bitmap.ts';
import { Signer } from '../../../src/http/common/signing.ts';
import { call } from '../client.ts';
import { type Face, parentsOf, refOf, type Said, type Stocked } from './face.ts';

const signer = new Signer([env.BITGATE_SIGNING_KEY ?? '']);

export function bitmapFace(name: string, named: boolean): Face {
  return {
    name,
    async answers(world) {
      const bitmaps = new Map<string, Bitmap>();
      const said: Said[] = [];
      for (const { subject, action, resource } of world.questions) {
        const ref = refOf(subject);
        const bitmap = bitmaps.get(ref) ?? (await bitmapOf(world, ref, named));
        bitmaps.set(ref, bitmap);
        const { parents, project } = resource === undefined ? { parents: [] } : parentsOf(world, resource);
        const above = project === undefined ? parents : [...parents, `project:${project}`];
        const answer = bitmap.decide(action.name, resource && refOf(resource), above);
        said.push(answer === 'ask' ? answer : answer === 'allow');
      }
      return said;
    },
  };
}

async function bitmapOf({ token, at, questions }: Stocked, subject: string, named: boolean): Promise<Bitmap> {
  const query = new URLSearchParams({ subject });
  // What holds a comma can't be named in a list of them.
  const resources = new Set(questions.flatMap(({ resource }) => (resource === undefined ? [] : [refOf(resource)])));
  if (named) query.set('resources', [...resources].filter((resource) => !resource.includes(',')).join(','));
  const answer = await call('GET', `${at}/bitmap?${query}`, undefined, { token });
  if (answer.status !== 200) throw new Error(`/bitmap of ${subject}: ${answer.status} ${answer.text}`);
  return openBitmap(answer.text, { keys: { keys: (await signer.jwks()).keys.map((key) => ({ ...key })) } });
}

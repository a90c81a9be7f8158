/** SQL as somebody types it into the database behind the Worker. */
import { env } from 'cloudflare:workers';

export async function sql(text: string): Promise<void> {
  await env.DB.prepare(text).run();
}

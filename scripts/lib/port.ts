/** Is a port free? Asked before anything slow starts, so that the answer is a sentence and not a stack. */
import { createServer } from 'node:net';

/** @throws Error that says what holds the port back and what to do */
export function assertPortFree(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => reject(new Error(explain(error, port))));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve()));
  });
}

function explain(error: NodeJS.ErrnoException, port: number): string {
  if (error.code === 'EADDRINUSE')
    return `port ${port} is taken by another process: stop that one, or choose another port: PORT=${port + 1} npm start`;
  if (error.code === 'EACCES') return `port ${port} may not be used by this user: choose one above 1023: PORT=8787 npm start`;
  return `port ${port} can't be used: ${error.message}`;
}

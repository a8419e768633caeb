/** Lets the server close as soon as nothing is being answered, whatever connections clients keep open. */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';

/**
 * Node waits for connections on which no request has come yet (browsers open some ahead of need) until its header timeout,
 * a minute. Once `closing` and with no answer under way, they are cut.
 */
export function closeWithoutWaiting(app: FastifyInstance, closing: AbortSignal): void {
  const open = new Set<ServerResponse>();
  const cutWhenDone = (): void => {
    if (closing.aborted && open.size === 0) app.server.closeAllConnections();
  };
  function closed(this: ServerResponse): void {
    open.delete(this);
    cutWhenDone();
  }
  app.addHook('onRequest', (_request, { raw }, done) => {
    open.add(raw);
    raw.on('close', closed);
    done();
  });
  // Later than now: the server stops listening first.
  closing.addEventListener('abort', () => setImmediate(cutWhenDone), { once: true });
}

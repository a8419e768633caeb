/** Lets the server close as soon as nothing is being answered, whatever connections clients keep open. */
import type { FastifyInstance } from 'fastify';

/**
 * Node waits for connections on which no request has come yet (browsers open some ahead of need) until its header timeout,
 * a minute. Once `closing` and with no answer under way, they are cut.
 */
export function closeWithoutWaiting(app: FastifyInstance, closing: AbortSignal): void {
  // Their number only: a set of what comes and goes keeps what it has held until the next collection of old objects.
  let open = 0;
  const cutWhenDone = (): void => {
    if (closing.aborted && open === 0) app.server.closeAllConnections();
  };
  const closed = (): void => {
    open -= 1;
    cutWhenDone();
  };
  app.addHook('onRequest', (_request, { raw }, done) => {
    open += 1;
    raw.on('close', closed);
    done();
  });
  // Later than now: the server stops listening first.
  closing.addEventListener('abort', () => setImmediate(cutWhenDone), { once: true });
}

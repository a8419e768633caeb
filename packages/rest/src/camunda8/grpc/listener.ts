/** The port of the gateway: a plain listener that loads gRPC with the first connection, so that nobody pays for it before. */
import { createServer, type Server, type Socket } from 'node:net';
import type { Kernel } from '@procos/kernel';
import type { FastifyInstance } from 'fastify';
import type { FaultLog } from '../../call.ts';
import type { Gateway } from './server.ts';

export interface GatewayListenOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Largest message, bytes; default 4 MiB. */
  readonly bodyLimit?: number;
  /** How long a message may take to arrive, ms; default 60,000. */
  readonly messageMs?: number;
  /** Where unexpected failures are logged; default: nowhere. */
  readonly logger?: FaultLog;
}

const BODY_LIMIT = 4 * 1024 * 1024;
const MESSAGE_MS = 60_000;
const MOST_CONNECTIONS = 1_024;
/** What calls under way get to finish when the server closes. */
const GRACE_MS = 500;
const LOOK_MS = 20;
const SILENT: FaultLog = { error: () => {} };

/**
 * Listens beside the HTTP server `app`, which has not begun to: shares its admission, and closes when it closes. Resolves to
 * the port; rejects with the error of the operating system, e.g. EADDRINUSE.
 */
export async function listenForGrpc(
  app: FastifyInstance,
  kernel: Kernel,
  options: GatewayListenOptions,
): Promise<number> {
  const { host, port, bodyLimit = BODY_LIMIT, messageMs = MESSAGE_MS, logger: log = SILENT } = options;
  const closing = new AbortController();
  const connections = new Set<Socket>();
  let gateway: Promise<Gateway> | undefined;
  const load = async (): Promise<Gateway> => {
    const { createGateway } = await import('./server.ts');
    const { admission, pace } = app;
    return createGateway({ kernel, admission, pace, bodyLimit, messageMs, log, closing: closing.signal });
  };
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
    // Whoever hangs up in the middle is no fault of ours.
    connection.on('error', () => {});
    gateway ??= load();
    gateway.then(
      ({ serve }) => {
        if (connection.destroyed) return;
        serve(connection);
        connection.resume();
      },
      (error: unknown) => {
        log.error('grpc_not_loaded', `gRPC cannot be loaded: ${String(error)}`);
        connection.destroy();
      },
    );
  });
  server.maxConnections = MOST_CONNECTIONS;
  const taken = await listen(server, host, port);
  // E.g. no more file descriptors.
  server.on('error', (error) => log.error('grpc_connection_lost', `A Zeebe client was not taken in: ${error.message}`));
  app.addHook('preClose', async () => {
    closing.abort();
    server.close();
    (await gateway?.catch(() => undefined))?.drain(GRACE_MS);
    await allGone(connections);
    for (const connection of connections) connection.destroy();
  });
  return taken;
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Or so many that the grace is over. */
async function allGone(connections: ReadonlySet<Socket>): Promise<void> {
  const end = performance.now() + GRACE_MS;
  while (connections.size > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

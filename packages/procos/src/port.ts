/** Looks whether the port is free before anything is opened, and says who holds it when it is not. */
import { createServer } from 'node:net';
import { ProcosClient, ProcosError } from '@procos/client';
import { EXIT, UserError } from './cli/user-error.ts';

/** How long the holder of a taken port is asked who it is: a ProcOS that boots, or has much to do, answers late. */
const WHO_MS = 1_000;
/** What only a ProcOS refuses with. */
const REFUSALS: readonly string[] = ['UNAUTHENTICATED', 'OVERLOADED'];
/** So often other ports are tried where any will do. */
const MOST_LOST = 5;

/** The port to listen on: the wanted one, or a free one for 0. Throws `UserError`, naming the `variable`, when it cannot be had. */
export async function freePort(host: string, wanted: number, variable = 'PROCOS_PORT'): Promise<number> {
  try {
    return await tryListen(host, wanted);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') throw await taken(host, wanted, variable);
    if (code === 'EACCES') {
      const message = `Port ${wanted} needs more rights than this user has; set ${variable} to one from 1024.`;
      throw new UserError('PORT_FORBIDDEN', message, EXIT.failed);
    }
    if (code === 'EADDRNOTAVAIL') {
      throw new UserError('HOST_UNKNOWN', `${host} is not an address of this machine; set PROCOS_HOST.`, EXIT.failed);
    }
    throw error;
  }
}

/**
 * Between the choice of a port and listening on it the system comes up, and another program may take the port meanwhile. Where
 * any will do, `run` chooses again.
 */
export async function untilNotTaken<T>(anyWillDo: boolean, run: () => Promise<T>): Promise<T> {
  for (let lost = 0; ; lost += 1) {
    try {
      return await run();
    } catch (error) {
      const isTaken = error instanceof UserError && error.code === 'PORT_TAKEN';
      if (!isTaken || !anyWillDo || lost >= MOST_LOST) throw error;
    }
  }
}

/** By which address this machine reaches what listens on all of them. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** Authority part of a URL. */
export function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function tryListen(host: string, wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ host, port: wanted, exclusive: true }, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : wanted;
      probe.close(() => resolve(port));
    });
  });
}

async function taken(host: string, port: number, variable: string): Promise<UserError> {
  const client = new ProcosClient({ baseUrl: urlOf(reachable(host), port), timeoutMs: WHO_MS });
  // Twice: on a busy machine the first time is over before this process itself has come to ask.
  const holder = (await whoHolds(client)) ?? (await whoHolds(client)) ?? 'a program that does not answer';
  const message = `Port ${port} of ${host} is used by ${holder}. Set ${variable} to another port (0: any free one).`;
  return new UserError('PORT_TAKEN', message, EXIT.failed);
}

/** Undefined when it does not answer in time. */
async function whoHolds(client: ProcosClient): Promise<string | undefined> {
  try {
    const { version, store } = await client.system();
    return `ProcOS ${version} (data in ${store.path ?? 'memory'}); it ends with procos shutdown`;
  } catch (error) {
    const code = error instanceof ProcosError ? error.code : '';
    if (code === 'TIMEOUT') return undefined;
    return REFUSALS.includes(code) ? 'another ProcOS' : 'another program';
  }
}

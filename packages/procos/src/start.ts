/** The composition root: settings, port, store, kernel, worker host and server put together, and taken down again. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  BootFailure,
  EXIT_STORE_FAILED,
  type HostSpec,
  hasAdministrator,
  KernelLog,
  LogFile,
  type RunningKernel,
  type Stopped,
  type SystemModel,
  startKernel,
} from '@procos/kernel';
import { createServer, listenForGrpc } from '@procos/rest';
import { openSqliteStore, type Store, StoreRefusal } from '@procos/store';
import { EXIT, UserError } from './cli/user-error.ts';
import { boundHeapGrowth } from './heap-growth.ts';
import { modelsRead } from './models-read.ts';
import { freePort, reachable, untilNotTaken, urlOf } from './port.ts';
import { releaseMemoryWhenQuiet } from './release-memory.ts';
import { restoreStore } from './restore-store.ts';
import { isLoopback, type Settings } from './settings.ts';
import { passSignals } from './signals.ts';
import { VERSION } from './version.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SYSTEM_FOLDER = join(ROOT, 'system');
const CONSOLE_FOLDER = join(ROOT, 'packages', 'console', 'dist');
const HOST_MAIN = join(ROOT, 'packages', 'procos', 'bin', 'worker-host.js');
const GRPC_PORT = 'PROCOS_GRPC_PORT';
/** What connections get to finish when the kernel has ended. */
const CLOSE_MS = 1_000;

export interface StartOptions {
  readonly settings: Settings;
  /** Gets each log line as JSON text with its line end; absent: JSON lines on standard output. */
  readonly logStream?: { write(line: string): void };
  /** By the shipped versions of the system's processes. */
  readonly safe?: boolean;
  /** Called once the server listens; `setupToken` is what makes the first administrator, where there is none. */
  readonly onListening: (url: string, setupToken: string | undefined) => void;
}

/** Runs a kernel until it has stopped; resolves to the exit code. Throws `UserError` when it cannot be started. */
export async function start(options: StartOptions): Promise<number> {
  const { host, port: wanted, grpc } = options.settings;
  const { ports, ...first } = await untilNotTaken(wanted === 0, async () => {
    const port = await freePort(host, wanted);
    const ports = { port, grpc: grpc?.required ? await freePort(host, grpc.port, GRPC_PORT) : grpc?.port };
    return { ports, stopped: await runKernel(options, ports) };
  });
  for (let { stopped } = first; ; stopped = await runKernel(options, ports)) {
    const { exitCode, restore, reason } = stopped;
    if (reason !== undefined) throw new UserError('BOOT', reason, EXIT.failed);
    if (restore === undefined) return exitCode;
    restoreStore(restore, { directory: options.settings.data, replace: true, by: { kind: 'kernel', id: 'restore' } });
  }
}

interface Ports {
  readonly port: number;
  /** undefined: no gateway. */
  readonly grpc: number | undefined;
}

async function runKernel(options: StartOptions, { port, grpc }: Ports): Promise<Stopped> {
  const { settings, logStream, safe = false, onListening } = options;
  const url = urlOf(reachable(settings.host), port);
  const systemModels = readSystemModels();
  let opened: KernelLog | undefined;
  // Not for a store that is refused: another kernel may be writing to the file.
  const kernelLog = (): KernelLog => {
    opened ??= new KernelLog({
      level: settings.log,
      ...(logStream === undefined ? {} : { stream: logStream }),
      ...(settings.logFile === undefined ? {} : { file: new LogFile(settings.logFile) }),
    });
    return opened;
  };
  const store = openStore(settings.data, (text) => kernelLog().info('store_prepared', text));
  if (!isLoopback(settings.host) && !hasAdministrator(store)) {
    store.close();
    throw noAdministrator(settings);
  }
  const log = kernelLog();
  const kernel = await boot({
    store,
    systemModels,
    readBefore: modelsRead(),
    hosts: [workerHost(url, settings)],
    version: VERSION,
    log,
    ...(settings.zone === undefined ? {} : { zone: settings.zone }),
    pinnableClock: settings.pinnableClock,
    authentication: settings.authentication,
    delegates: settings.delegates,
    bundles: settings.bundles,
    limits: settings.limits,
    retention: settings.retention,
    largeValues: settings.largeValues,
    undeclared: settings.undeclared,
    safe,
  });
  const ignoreSignals = passSignals(kernel);
  const server = await createServer(kernel, {
    logger: log,
    ...(existsSync(CONSOLE_FOLDER) ? { consoleDirectory: CONSOLE_FOLDER } : {}),
  });
  try {
    if (grpc !== undefined) await openGateway(server, kernel, log, { ...settings, port: grpc });
    await server.listen({ host: settings.host, port });
  } catch (error) {
    kernel.handleSignal('SIGTERM');
    await kernel.stopped;
    await server.close();
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError('PORT_TAKEN', `A port was taken while ProcOS started (${why}). Start it again.`, EXIT.failed);
  }
  onListening(url, kernel.identity.access.setupToken());
  const keepMemory = releaseMemoryWhenQuiet(kernel);
  const leaveHeap = boundHeapGrowth();
  const stopped = await kernel.stopped;
  keepMemory();
  leaveHeap();
  ignoreSignals();
  const patienceMs = stopped.exitCode === EXIT_STORE_FAILED ? 0 : CLOSE_MS;
  await Promise.race([server.close(), new Promise((resolve) => setTimeout(resolve, patienceMs))]);
  // Who waits for an answer of a kernel that has failed gets none, and would keep the process.
  server.server.closeAllConnections();
  return stopped;
}

/** Where the port was not asked for, the system does without when another program has it. */
async function openGateway(
  server: Awaited<ReturnType<typeof createServer>>,
  kernel: RunningKernel,
  log: KernelLog,
  { host, port, grpc }: Pick<Settings, 'host' | 'port' | 'grpc'>,
): Promise<void> {
  try {
    const taken = await listenForGrpc(server, kernel, { host, port, logger: log });
    const address = urlOf(reachable(host), taken).slice('http://'.length);
    log.info('grpc_listening', `Zeebe clients reach this system by gRPC at ${address}.`, { host, port: taken });
  } catch (error) {
    if (grpc?.required) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const text = `Zeebe clients cannot reach this system by gRPC: ${why}. Set ${GRPC_PORT} to a free port, or to off.`;
    log.warn('grpc_port_taken', text, { host, port });
  }
}

function noAdministrator({ host, data }: Settings): UserError {
  const message =
    `${host} is not a loopback address, and the store in ${data} has no administrator yet. ` +
    `Make one first: procos user add NAME --admin --offline --data ${data}`;
  return new UserError('NO_ADMINISTRATOR', message, EXIT.failed);
}

function openStore(directory: string, tell: (text: string) => void): Store {
  try {
    return openSqliteStore({ directory, tell });
  } catch (error) {
    if (error instanceof StoreRefusal) throw new UserError(error.code, error.message, EXIT.failed);
    throw error;
  }
}

async function boot(options: Parameters<typeof startKernel>[0]): Promise<RunningKernel> {
  try {
    return await startKernel(options);
  } catch (error) {
    if (error instanceof BootFailure) throw new UserError('BOOT', error.message, error.exitCode);
    throw error;
  }
}

function readSystemModels(): SystemModel[] {
  const files = readdirSync(SYSTEM_FOLDER, { recursive: true, encoding: 'utf8' });
  const names = files.filter((name) => /\.(bpmn|form|dmn)$/.test(name)).map((name) => name.replaceAll('\\', '/'));
  return names.sort().map((name) => ({ name, content: readFileSync(join(SYSTEM_FOLDER, name), 'utf8') }));
}

/** The built-in workers get their settings and what any program needs to run, and nothing else of this environment. */
const INHERITED = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TZ',
  'LANG',
  'NODE_EXTRA_CA_CERTS',
  'NODE_COMPILE_CACHE',
  'SystemRoot',
  'TEMP',
];

function workerHost(url: string, settings: Settings): HostSpec {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    name: 'workers',
    command: process.execPath,
    // Small young generations: the host is to stay small, and its work is mostly waiting.
    args: ['--disable-proto=delete', '--disable-warning=ExperimentalWarning', '--max-semi-space-size=2', HOST_MAIN],
    env: {
      ...Object.fromEntries(inherited),
      ...settings.workers,
      PROCOS_URL: url,
      PROCOS_DATA: settings.data,
      // Always the same: what a crashed host had locked goes to its successor at once.
      PROCOS_WORKER_ID: 'procos-workers',
    },
  };
}

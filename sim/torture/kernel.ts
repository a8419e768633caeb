/** A kernel as an operating-system process of its own: the store in argv[2], a planted fault in argv[3]; answers on stdout. */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { BootFailure, KernelLog, type Subject, Unavailable } from '@procos/kernel';
import { openSqliteStore, StoreRefusal } from '@procos/store';
import { startTestKernel } from '../../packages/kernel/src/testing/system.ts';
import { MODELS } from './models.ts';
import { type Plant, plantFault } from './plants.ts';
import type { Answer, Ready, Request, Row } from './wire.ts';

const [, , directory = '', plant = 'none'] = process.argv;
plantFault(plant as Plant);

const say = (line: Answer | Ready): void => {
  // Synchronous: what was said is in the pipe when the next command begins, whatever happens then.
  writeSync(1, `${JSON.stringify(line)}\n`);
};

const kernel = await start();
void kernel.stopped.then(({ exitCode }) => process.exit(exitCode));
await kernel.ready;
const { engine } = kernel;
const OPERATOR = { kind: 'user', id: 'torture' } as const;
await deploy(MODELS, OPERATOR);
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => void answer(JSON.parse(line) as Request));
// Whoever drives it is gone.
lines.on('close', () => process.exit(9));
say({ ready: true, rootInstanceId: kernel.status().rootInstanceId ?? -1 });

async function start(): ReturnType<typeof startTestKernel> {
  try {
    const log = new KernelLog({ level: 'error', stream: process.stderr });
    return await startTestKernel({ store: openSqliteStore({ directory }), log });
  } catch (error) {
    if (error instanceof BootFailure) process.exit(error.exitCode);
    if (!(error instanceof StoreRefusal)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exit(3);
  }
}

async function deploy(content: string, by: Subject): Promise<void> {
  const resources = [{ name: 'torture.bpmn', content }];
  const request = { name: 'torture', source: null, tenantId: null, resources, skipUnchanged: true };
  const deployed = await engine.deploy(request, by);
  if (!deployed.ok) throw new Error(JSON.stringify(deployed.findings));
}

async function answer(request: Request): Promise<void> {
  const { n } = request;
  try {
    if (request.kind === 'shutdown') return await kernel.requestShutdown(OPERATOR, 'torture');
    if (request.kind === 'find') {
      const { where, limit } = request;
      // The columns come over the wire; the store checks them.
      const rows: readonly object[] = engine.find(request.table, { where: where as never, limit });
      say({ n, rows: rows as readonly Row[] });
      return;
    }
    const by = { kind: 'worker', id: request.by } as const;
    if (request.kind === 'deploy') {
      await deploy(request.content, by);
      say({ n, deployed: true });
      return;
    }
    const { command } = request;
    const outcome =
      command.type === 'fetchAndLock'
        ? await engine.fetchAndLock(command, by, { waitMs: request.waitMs ?? 0 })
        : await engine.submit(command, by);
    say({ n, outcome });
  } catch (error) {
    // A store that fails while it is asked has ended the kernel already.
    say({ n, unavailable: error instanceof Unavailable ? error.code : String(error) });
  }
}

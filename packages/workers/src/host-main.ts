/** Entry of a worker host process: `node host-main.ts`, configured by the environment (see settings.ts). */
import { runWorkerHost } from './host.ts';

try {
  await runWorkerHost(process.env);
  process.exit(0);
} catch (error) {
  process.stderr.write(`Worker host: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

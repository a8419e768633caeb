/** Topic `procos.script`: a script task, run by a sandboxed process. */
import { BpmnError, type WorkerLogger } from '@procos/client';
import { demand, type Inputs, invalid, type Outputs, type Services, text } from '../handler.ts';
import { numberSetting, type Settings } from '../settings.ts';
import { foreignFormat, runForeign } from './foreign.ts';
import type { ScriptJob } from './messages.ts';
import { Pool } from './pool.ts';
import { createSandbox } from './sandbox.ts';

const FORMATS = new Set(['javascript', 'js', 'ecmascript', 'text/javascript', 'application/javascript']);
/** The interpreter's own limit comes first; this is for what it cannot interrupt. */
const GRACE_MS = 200;
const MAX_INPUT = 16 * 1024 * 1024;

/**
 * Inputs, both from the model alone: script_source*, script_format (javascript). All variables are seen by the script: as globals, as
 * `variables.name` and by `execution.getVariable(name)`. Output: local `result` (the value of the last expression, or what
 * its promise gives); what `execution.setVariable` set goes to `variables`. `throw new BpmnError(code, message)` throws in
 * the model. A script that throws or exceeds its limits fails without retry: it would do so again.
 */
export async function runScript(inputs: Inputs, services: Services): Promise<Outputs> {
  const format = String(inputs['script_format'] ?? 'javascript').toLowerCase();
  const { script_source: _source, script_format: _format, ...variables } = inputs;
  const foreign = foreignFormat(format);
  if (foreign !== undefined) demand(services, { kind: 'scripts', name: foreign, offered: 'box' });
  if (foreign !== undefined) return runForeign(foreign, text(inputs, 'script_source'), variables, services);
  if (!FORMATS.has(format)) throw invalid(`Scripts in '${format}' cannot be run; only JavaScript, Python and shell.`);
  const job: ScriptJob = {
    source: text(inputs, 'script_source'),
    variables: JSON.stringify(variables),
    timeMs: numberSetting(services.settings, 'PROCOS_SCRIPT_SECONDS') * 1000,
  };
  const message = JSON.stringify(job);
  if (message.length > MAX_INPUT)
    throw invalid(`Script and variables have ${message.length} characters; at most ${MAX_INPUT} are allowed.`);
  const pool = poolOf(services.settings, services.log);
  demand(services, { kind: 'scripts', name: 'javascript', offered: pool.boxed ? 'wasm-in-box' : 'wasm' });
  const reply = await pool.run(message, job.timeMs + GRACE_MS, services.signal);
  if (reply.outcome === 'bpmnError') throw new BpmnError(reply.code, reply.message);
  if (reply.outcome === 'thrown') throw invalid(`The script failed: ${reply.message}`);
  if (reply.outcome === 'limit') throw invalid(reply.message);
  const output = JSON.parse(reply.output) as { readonly result: unknown; readonly variables: Record<string, unknown> };
  return { local: { result: output.result }, variables: output.variables };
}

/** Ends the processes that wait for scripts. */
export function closeScripts(): void {
  for (const pool of openPools) pool.close();
}

const pools = new WeakMap<Settings, Pool>();
const openPools = new Set<Pool>();
function poolOf(settings: Settings, log: WorkerLogger): Pool {
  let pool = pools.get(settings);
  if (pool === undefined) {
    pool = new Pool(createSandbox(settings, log));
    pools.set(settings, pool);
    openPools.add(pool);
  }
  return pool;
}

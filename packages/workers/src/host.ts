/** The worker host: serves every built-in topic, and talks to the kernel that started it. */
import {
  asLargeValue,
  BpmnError,
  createWorker,
  type Handler,
  type LargeValues,
  type TaskContext,
  toTypedValues,
  WorkerFailure,
  type WorkerLogger,
} from '@procos/client';
import { CodedFailure, type Inputs, invalid, type Outputs, type Services, type TaskHandler } from './handler.ts';
import { type HostChannel, hostLogger, processChannel } from './host-channel.ts';
import { numberSetting, readSettings, redact, type Settings, setting } from './settings.ts';
import { BUILTIN_HANDLERS, BUILTIN_TOPICS, type BuiltinTopic } from './topics.ts';

/**
 * Runs until the kernel says `drain` (or goes away, or SIGTERM comes), then finishes what runs and resolves.
 * Throws an `Error` for settings that make no sense.
 */
export async function runWorkerHost(
  env: Readonly<Record<string, string | undefined>>,
  channel: HostChannel = processChannel(),
): Promise<void> {
  const settings = readSettings(env);
  const log = await hostLogger(channel, settings);
  const workerId = setting(settings, 'PROCOS_WORKER_ID');
  const token = setting(settings, 'PROCOS_TOKEN');
  const worker = createWorker({
    baseUrl: setting(settings, 'PROCOS_URL'),
    name: 'built-in workers',
    kind: 'host',
    concurrency: numberSetting(settings, 'PROCOS_WORKER_CONCURRENCY'),
    logger: log,
    ...(workerId === '' ? {} : { workerId, exclusiveId: true }),
    ...(token === '' ? {} : { headers: { authorization: `Bearer ${token}` } }),
  });
  for (const builtin of BUILTIN_HANDLERS) {
    const subscription = {
      ...(builtin.inputs === 'all' ? {} : { variables: builtin.inputs }),
      ...(builtin.sandboxLevel === undefined ? {} : { sandboxLevel: builtin.sandboxLevel }),
    };
    worker.subscribe(builtin.topic, adapt(builtin, settings, log), subscription);
  }
  channel.onRevoked(({ taskId, lockCount, reason }) => worker.abandon(taskId, reason, lockCount));
  const drained = channel.untilDrain();
  const connected = worker.start().then(() => channel.send({ type: 'ready', topics: BUILTIN_TOPICS }));
  void channel.send({ type: 'alive' });
  const alive = setInterval(() => void channel.send({ type: 'alive' }), ALIVE_MS);
  await Promise.race([connected, drained]);
  await drained;
  await worker.stop({ drainMs: numberSetting(settings, 'PROCOS_WORKER_DRAIN_SECONDS') * 1000 });
  clearInterval(alive);
  await channel.send({ type: 'drained' });
}

/** The kernel has a host that it does not hear of for 30 s started again. */
const ALIVE_MS = 5_000;

/** What the server takes in one request (4 MiB), less what goes with the outputs. */
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024 - 4096;

/** From the worker's task to a built-in handler and back; secrets never leave in a message. */
export function adapt(builtin: BuiltinTopic, settings: Settings, log: WorkerLogger): Handler {
  let loaded: Promise<TaskHandler> | undefined;
  return async ({ task, variables, headers, signal, values, reserveAi }: TaskContext) => {
    loaded ??= builtin.load();
    const { capabilities, aiBudget } = task;
    const services: Services = {
      settings,
      log,
      signal,
      taskId: task.id,
      values,
      ...(capabilities === undefined ? {} : { capabilities }),
      ...(aiBudget === undefined ? {} : { aiBudget }),
      ...(reserveAi === undefined ? {} : { reserveAi }),
    };
    try {
      const outputs = await (await loaded)(inputsOf(builtin, variables, headers), services);
      const local = await keepLargeOut(outputs.local, values);
      const global = outputs.variables && (await keepLargeOut(outputs.variables, values));
      refuseTooLarge({ local, ...(global === undefined ? {} : { variables: global }) });
      return {
        localVariables: local,
        ...(global === undefined ? {} : { variables: global }),
        ...(outputs.usage === undefined ? {} : { usage: outputs.usage }),
      };
    } catch (error) {
      throw asked(cleaned(error, settings), builtin, headers, task.retries);
    }
  };
}

/** As much as a variable holds in a record. */
const LARGE_CHARACTERS = 1_048_576;

/** Text, lists and objects of more than that go up by themselves: an answer of any length is an output. */
async function keepLargeOut(outputs: Inputs, values: LargeValues): Promise<Inputs> {
  const kept: Record<string, unknown> = { ...outputs };
  for (const [name, value] of Object.entries(outputs)) {
    if (typeof value === 'string') {
      if (value.length > LARGE_CHARACTERS) kept[name] = await values.upload(Buffer.from(value), { type: TEXT });
    } else if (typeof value === 'object' && value !== null && asLargeValue(value) === undefined) {
      const text = JSON.stringify(value);
      if (text.length > LARGE_CHARACTERS) kept[name] = await values.upload(Buffer.from(text), { type: JSON_TYPE });
    }
  }
  return kept;
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json';

/** The server would refuse them, and the work, with what it does outside, would be done again for the same refusal. */
function refuseTooLarge({ local, variables = {} }: Outputs): void {
  const bytes = Buffer.byteLength(JSON.stringify([toTypedValues(local), toTypedValues(variables)]));
  if (bytes > MAX_OUTPUT_BYTES)
    throw invalid(
      `The work was done, but its outputs have ${bytes} bytes together; at most ${MAX_OUTPUT_BYTES} can be stored.`,
    );
}

/** Variables win over static properties, except where the model alone may decide. */
function inputsOf({ fromModel = [] }: BuiltinTopic, variables: Inputs, headers: Inputs): Inputs {
  const inputs: Record<string, unknown> = Object.assign(Object.create(null), headers, variables);
  for (const name of fromModel) inputs[name] = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return inputs;
}

/** Where the model says so (`errors` = `bpmn`), what would become an incident is a BPMN error that it may catch. */
function asked(
  error: unknown,
  { refusedCode, failedCode }: BuiltinTopic,
  headers: Inputs,
  retries: number | null,
): unknown {
  if (headers['errors'] !== 'bpmn' || !(error instanceof Error) || error instanceof BpmnError) return error;
  const again = !(error instanceof WorkerFailure) || error.retry;
  if (again && retries !== 1) return error;
  if (!again && error instanceof CodedFailure) return new BpmnError(error.code, error.message, error.variables);
  const code = again ? (failedCode ?? 'TASK_FAILED') : refusedCode;
  return new BpmnError(code ?? 'TASK_REFUSED', error.message);
}

function cleaned(error: unknown, settings: Settings): unknown {
  if (!(error instanceof Error)) return new WorkerFailure(redact(settings, String(error)));
  error.message = redact(settings, error.message);
  if (error.stack !== undefined) error.stack = redact(settings, error.stack);
  return error;
}

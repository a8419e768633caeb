/**
 * `POST /api/processes/{pid}/signals` and `POST /api/signals`: what a Unix shell does with `kill`, to one process, to it and its
 * children, or to all that run a process.
 */
import {
  type BatchOperation,
  type Command,
  type Definition,
  generateMigration,
  type ProcessEngine,
  type ProcessInstanceView,
  type Rejection,
  startBatch,
} from '@procos/kernel';
import type { BatchDetail, ProcessSignal, SignaledProcess, SignalReply, SignalsReply } from '@procos/protocol';
import { Answer, type Call } from '../call.ts';
import { batchDetailOf } from './batches.ts';
import { ApiRefusal, rejected } from './errors.ts';
import { optionalFlag, optionalText, optionalWhole, requiredText, wrong } from './parameters.ts';
import { noProcess, pidOf, pidText } from './pids.ts';
import { family } from './processes.ts';
import { stateOf } from './states.ts';

const SIGNALS: readonly ProcessSignal[] = ['TERM', 'KILL', 'STOP', 'CONT', 'HUP', 'USR1'];
/** What USR1 is called as a BPMN signal. */
const USR1 = 'procos.USR1';

interface Asked {
  readonly signal: ProcessSignal;
  readonly reason: string | null;
  /** HUP: to which version; undefined: the latest. */
  readonly version: number | undefined;
}

function askedIn({ body }: Call): Asked {
  const name = requiredText(body, 'signal').replace(/^SIG/, '');
  const signal = SIGNALS.find((one) => one === name);
  if (signal === undefined) throw wrong(`Member signal is "${name}": give ${SIGNALS.join(', ')}.`);
  const reason = optionalText(body, 'reason') ?? null;
  const version = optionalWhole(body, 'version');
  if (version !== undefined && signal !== 'HUP') throw wrong('Member version goes with HUP.');
  return { signal, reason, version };
}

/** `tree`: called processes too. TERM and KILL always end them with it. */
export async function signalProcess(call: Call): Promise<SignalReply> {
  const asked = askedIn(call);
  const tree = optionalFlag(call.body, 'tree') ?? false;
  const first = find(call, pidOf(call, call.params['pid'] ?? ''));
  if (first === undefined) {
    throw noProcess(call.params['pid'] ?? '');
  }
  const { signal } = asked;
  const ends = signal === 'TERM' || signal === 'KILL';
  if (!tree || ends) {
    const refusal = await send(call, call.engine, first, asked);
    if (refusal !== undefined) throw rejected(refusal);
    return { signal, received: [received(call, first)], refused: [] };
  }
  const reached: SignaledProcess[] = [];
  const refused: { pid: string; code: string; message: string }[] = [];
  // Callers come first: one that rests calls nothing new.
  for (const instance of family(call.engine, first)) {
    const refusal = await send(call, call.engineFor(instance.id), instance, asked);
    if (refusal === undefined) reached.push(received(call, instance));
    else refused.push({ pid: pidText(call, instance.id), code: refusal.code, message: refusal.message });
  }
  const [reason] = refused;
  if (reached.length === 0 && reason !== undefined)
    throw new ApiRefusal(409, reason.code, refused.map(({ message }) => message).join('; '));
  return { signal, received: reached, refused };
}

/** On all running instances of all versions of a process, as batches: one, or one for each version that is left by HUP. */
export async function signalDefinition(call: Call): Promise<Answer> {
  const asked = askedIn(call);
  const bpmnProcessId = requiredText(call.body, 'bpmnProcessId');
  const { engine } = call;
  const ofProcess = { column: 'bpmnProcessId', op: '=', value: bpmnProcessId } as const;
  if (engine.count('definitions', { where: [ofProcess] }) === 0)
    throw new ApiRefusal(404, 'NOT_FOUND', `There is no process ${bpmnProcessId}: see /api/definitions.`);
  const root = call.kernel.status().rootInstanceId;
  const running = engine
    .find('processInstances', { where: [ofProcess, { column: 'state', op: '=', value: 'active' }] })
    .filter(({ id }) => id !== root);
  const groups = [...Map.groupBy(running, (one) => (asked.signal === 'HUP' ? one.definitionId : 0))].flatMap(
    ([, [first, ...others]]) => {
      const operation = first === undefined ? undefined : operationFor(engine, first, asked);
      return first === undefined || operation === undefined ? [] : [{ operation, of: [first, ...others] }];
    },
  );
  if (groups.length === 0 && !call.repeated) {
    const what = asked.signal === 'HUP' ? 'runs an other version' : 'runs';
    throw new ApiRefusal(409, 'INVALID_STATE', `No instance of ${bpmnProcessId} ${what}: there is nothing to do.`);
  }
  const batches: BatchDetail[] = [];
  for (const { operation, of } of groups) {
    const start = startBatch(
      operation,
      of.map(({ id }) => id),
    );
    const outcome = await call.engineFor(of[0]?.definitionId ?? 0).submit(start, call.by);
    if (!outcome.ok) throw rejected(outcome.rejection);
    batches.push(batchDetailOf(call, outcome.value.processInstanceId, 'The batch is gone.'));
  }
  const reply: SignalsReply = { signal: asked.signal, batches };
  return new Answer(201, reply);
}

async function send(
  call: Call,
  engine: ProcessEngine,
  instance: ProcessInstanceView,
  asked: Asked,
): Promise<Rejection | undefined> {
  const command = commandFor(call.engine, instance, asked);
  if (command === undefined) return undefined;
  const outcome = await engine.submit(command, call.by);
  return outcome.ok ? undefined : outcome.rejection;
}

/** Undefined: it is so already. */
function commandFor(engine: ProcessEngine, instance: ProcessInstanceView, asked: Asked): Command | undefined {
  const { id: processInstanceId } = instance;
  const operation = operationFor(engine, instance, asked);
  if (operation === undefined) return undefined;
  switch (operation.type) {
    case 'setSuspension':
      return { ...operation, target: { processInstanceId } };
    case 'migrateProcessInstance': {
      const { sourceDefinitionId: _, ...migration } = operation;
      return { ...migration, processInstanceId };
    }
    default:
      return { ...operation, processInstanceId };
  }
}

type Operation = Extract<
  BatchOperation,
  { readonly type: 'cancelProcessInstance' | 'setSuspension' | 'migrateProcessInstance' | 'broadcastSignal' }
>;

function operationFor(
  engine: ProcessEngine,
  instance: ProcessInstanceView,
  { signal, reason, version }: Asked,
): Operation | undefined {
  const why = reason === null ? {} : { reason };
  switch (signal) {
    case 'TERM':
      return { type: 'cancelProcessInstance', reason, compensate: true };
    case 'KILL':
      return { type: 'cancelProcessInstance', reason };
    case 'STOP':
      return { type: 'setSuspension', suspended: true, ...why };
    case 'CONT':
      return { type: 'setSuspension', suspended: false, ...why };
    case 'HUP': {
      const operation = migration(engine, instance, version);
      return operation === undefined ? undefined : { ...operation, ...why };
    }
    case 'USR1':
      return { type: 'broadcastSignal', name: USR1, ...why };
  }
}

/** Along the plan that is generated; undefined when it runs that version already. */
function migration(
  engine: ProcessEngine,
  { definitionId, bpmnProcessId, tenantId }: ProcessInstanceView,
  version: number | undefined,
): Extract<Operation, { readonly type: 'migrateProcessInstance' }> | undefined {
  const target =
    version === undefined
      ? engine.latestDefinition(bpmnProcessId, tenantId)
      : versionOf(engine, bpmnProcessId, tenantId, version);
  if (target === undefined) {
    const which = version === undefined ? 'any more' : `in version ${version}`;
    throw new ApiRefusal(
      404,
      'NOT_FOUND',
      `There is no process ${bpmnProcessId} ${which}: see /api/definitions?all=true.`,
    );
  }
  const source = engine.model(definitionId);
  if (target.id === definitionId || source === undefined) return undefined;
  return {
    type: 'migrateProcessInstance',
    sourceDefinitionId: definitionId,
    targetDefinitionId: target.id,
    instructions: generateMigration(source, target.model, false),
    variables: {},
  };
}

function versionOf(
  engine: ProcessEngine,
  bpmnProcessId: string,
  tenantId: string | null,
  version: number,
): Definition | undefined {
  const [row] = engine.find('definitions', {
    where: [
      { column: 'bpmnProcessId', op: '=', value: bpmnProcessId },
      { column: 'version', op: '=', value: version },
      tenantId === null ? { column: 'tenantId', op: 'isNull' } : { column: 'tenantId', op: '=', value: tenantId },
    ],
  });
  return row === undefined ? undefined : engine.definition(row.id);
}

function received(call: Call, { id }: ProcessInstanceView): SignaledProcess {
  const now = find(call, id);
  return {
    pid: pidText(call, id),
    bpmnProcessId: now?.bpmnProcessId ?? '',
    version: now?.version ?? 0,
    // What is removed from the history at once has ended.
    state: now === undefined ? 'canceled' : stateOf(now),
    suspended: now?.suspended ?? false,
  };
}

function find({ engine }: Call, id: number): ProcessInstanceView | undefined {
  return engine.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] })[0];
}

/** Simulated workers and users: correct ones, slow, dying, lying and confused ones. Each is a loop over virtual time. */
import { inferVariable, type Json, type LimitKind } from '@procos/bpmn';
import type { Command, CommandOf, Variables } from '@procos/engine';
import type { Store } from '@procos/store';
import { type Wild, Wilderness } from '../../packages/engine/stories/wilderness.ts';
import type { Chance } from '../random.ts';
import type { Network } from './network.ts';

/** Where the clients are. */
export interface Field {
  readonly chance: Chance;
  readonly network: Network;
  /** What there is to know: follows what is on the kernel's disk. */
  readonly store: Store;
  /** Topics on which there has been work. */
  readonly topics: readonly string[];
  /** False: everybody goes home. */
  readonly open: boolean;
  /** Now, as the log has it, ms since the epoch. */
  readonly now: number;
}

type Locked = { readonly id: number; readonly lockCount: number };

const VALUES: readonly Json[] = [0, 1, 2, 3, 11, true, false, null, 'a', 'ok', 'cancel', '', ['p', 'q'], { id: 'K' }];
const NAMES = ['amount', 'x', 'n', 'count', 'done', 'stop', 'more', 'result', 'way', 'ünï', '__proto__', 'a b'];
const CODES = ['KNOWN', 'bad', 'broken', 'late', 'done', 'other'];

export function variables(chance: Chance): Variables {
  const chosen = Array.from({ length: chance.below(3) }, () => [chance.pick(NAMES)!, chance.pick(VALUES)!] as const);
  return Object.fromEntries(chosen.map(([name, value]) => [name, inferVariable(value ?? null)]));
}

/** Mostly a moment, at times a long while. */
function thinkMs(chance: Chance): number {
  const kind = chance.below(200);
  if (kind === 0) return chance.below(600_000);
  return kind < 20 ? chance.below(10_000) : chance.below(300);
}

function poll(field: Field, who: string): CommandOf<'fetchAndLock'> {
  const { chance, topics } = field;
  const lockMs = [1, 500, 5_000, 30_000][chance.below(4)]! + chance.below(3);
  const wanted = Array.from({ length: 1 + chance.below(5) }, () => chance.pick(topics) ?? 'nothing');
  return {
    type: 'fetchAndLock',
    workerId: who,
    maxTasks: 1 + chance.below(4),
    usePriority: chance.below(2) === 0,
    ...(chance.below(3) === 0 ? { createTimeOrder: 'desc' as const } : {}),
    topics: [...new Set(wanted)].map((topic) => ({ topic, lockMs })),
  };
}

/** Fetches, works within or beyond its lock, reports with its fencing token, and asks again when no answer comes. */
export async function worker(field: Field, who: string): Promise<void> {
  const { chance, network } = field;
  for (;;) {
    await network.sleep(thinkMs(chance));
    if (!field.open) return;
    const command = poll(field, who);
    const waitMs = chance.below(2) === 0 ? 0 : chance.below(20_000);
    const hangsUp = waitMs > 0 && chance.below(6) === 0;
    const uniqueWorker = chance.below(8) === 0;
    const tasks = await network.fetch(who, command, {
      waitMs,
      uniqueWorker,
      ...(hangsUp ? { abortAfterMs: chance.below(waitMs + 1) } : {}),
    });
    // It dies with the lock in its hand: another one of the same name is born later.
    if (chance.below(40) === 0) {
      await network.sleep(chance.below(120_000));
      continue;
    }
    const lockMs = command.topics[0]?.lockMs ?? 0;
    for (const { task } of tasks) {
      // Some are slow, or paused beyond their lease.
      await network.sleep(chance.below(4) === 0 ? chance.below(lockMs * 3) : chance.below(Math.min(lockMs, 400)));
      await report(field, who, task, lockMs);
    }
  }
}

async function report(field: Field, who: string, task: Locked, lockMs: number): Promise<void> {
  const { chance, network } = field;
  const holder = { externalTaskId: task.id, workerId: who, lockCount: task.lockCount };
  if (chance.below(6) === 0) await network.askAgain(who, { type: 'extendLock', ...holder, lockMs });
  const how = chance.below(10);
  const result = {
    variables: variables(chance),
    localVariables: { result: inferVariable(chance.pick(VALUES) ?? null) },
  };
  const command: Command =
    how < 7
      ? { type: 'completeExternalTask', ...holder, ...result }
      : how === 7
        ? { type: 'throwBpmnError', ...holder, errorCode: chance.pick(CODES) ?? '', variables: {} }
        : {
            type: 'failExternalTask',
            ...holder,
            errorMessage: 'no',
            retries: chance.below(3),
            retryAfterMs: chance.below(3_000),
          };
  // The second of two that cross each other must find nothing to do.
  if (chance.below(20) === 0) void network.ask(who, command);
  await network.askAgain(who, command);
}

/** Reports on what it does not hold, holds no more, or what does not exist; asks for what belongs to the kernel. */
export async function liar(field: Field, who: string): Promise<void> {
  const { chance, network } = field;
  for (;;) {
    await network.sleep(thinkMs(chance) * 2);
    if (!field.open) return;
    const task = chance.pick(field.store.find('externalTasks', { limit: 50, offset: chance.below(3) * 50 }));
    const externalTaskId = chance.below(5) === 0 ? chance.below(100_000) : (task?.id ?? 7);
    const workerId = chance.below(2) === 0 ? who : (task?.workerId ?? 'nobody');
    const lockCount = Math.max(0, (task?.lockCount ?? 0) - chance.below(3));
    const holder = { externalTaskId, workerId, ...(chance.below(3) === 0 ? {} : { lockCount }) };
    const lies: readonly Command[] = [
      { type: 'completeExternalTask', ...holder, variables: variables(chance) },
      { type: 'failExternalTask', ...holder, errorMessage: null, retries: -1 + chance.below(3), retryAfterMs: 0 },
      { type: 'throwBpmnError', ...holder, errorCode: '' },
      { type: 'extendLock', ...holder, lockMs: chance.below(3) - 1 },
      { type: 'lockExternalTask', externalTaskId, workerId: who, lockMs: chance.below(3) * 1_000 },
      { type: 'unlockExternalTask', externalTaskId, ...(chance.below(2) === 0 ? { lockCount } : {}) },
      { type: 'setExternalTaskRetries', externalTaskId, retries: chance.below(3) },
      { type: 'setExternalTaskPriority', externalTaskId, priority: chance.below(100) },
      {
        type: 'fetchAndLock',
        workerId: 'kernel',
        maxTasks: 9,
        usePriority: false,
        topics: [{ topic: 'procos.power.off', lockMs: 1 }],
      },
      { type: 'triggerTimer', timerId: chance.below(100_000) },
      { type: 'resolveIncident', incidentId: chance.below(100_000) },
      { type: 'completeUserTask', userTaskId: chance.below(100_000) },
      { type: 'cancelProcessInstance', processInstanceId: field.store.state.singletons.rootInstanceId ?? 1 },
    ];
    const lie = chance.pick(lies);
    // A timer is the alarm's business: nobody outside can ask for one, so only unknown ones are tried.
    if (lie !== undefined && !(lie.type === 'triggerTimer' && field.store.state.timers.get(lie.timerId) !== undefined))
      await network.ask(who, lie);
  }
}

/** Starts, tells, decides, changes, suspends, mends and cancels: the acts of the engine's stories. */
export async function user(field: Field, who: string): Promise<void> {
  const { chance, network } = field;
  let chosen: Command | null = null;
  const wild: Wild = {
    store: field.store,
    try(command) {
      chosen = command as Command;
      return { ok: false, rejection: { code: 'INVALID_STATE', message: 'asked over the network' } };
    },
    fetchAll: () => [],
    advance() {},
    incidents: () => field.store.find('incidents'),
  };
  const wilderness = new Wilderness(wild, (below) => chance.below(below));
  for (;;) {
    await network.sleep(thinkMs(chance));
    if (!field.open) return;
    chosen = null;
    if (chance.below(12) === 0) chosen = ownersAct(field);
    else wilderness.act();
    if (chosen !== null && !touchesSystem(field.store, chosen)) await network.ask(who, chosen);
  }
}

/** Limits that are often reached, and taken away as often, for a process or a running instance; and how nice they are. */
function ownersAct({ chance, store }: Field): CommandOf<'setLimits'> | null {
  const definition = chance.pick(store.find('definitions'));
  const instance = chance.pick(
    store.find('processInstances', { where: [{ column: 'state', op: '=', value: 'active' }], limit: 50 }),
  );
  if (definition === undefined) return null;
  const { bpmnProcessId, tenantId, version } = definition;
  const ofOne = instance !== undefined && chance.below(3) === 0;
  // Not the size of values: what a worker brings is refused then, as often as it brings it.
  const kinds: readonly LimitKind[] = ofOne
    ? ['steps', 'time', 'children', 'tree', 'openTasks', 'createdTasks', 'elements', 'laps']
    : ['instances', 'openTasks', 'instances', 'openTasks', 'startsPerMinute', 'steps', 'time', 'tree', 'callDepth'];
  const kind = chance.pick(kinds) ?? 'steps';
  const value = chance.below(kind === 'time' ? 600_000 : kind === 'steps' ? 200 : 4);
  return {
    type: 'setLimits',
    target: ofOne
      ? { kind: 'instance', processInstanceId: instance.id }
      : { kind: 'definition', bpmnProcessId, tenantId, version: chance.below(4) === 0 ? version : null },
    ...(chance.below(5) === 0
      ? { nice: chance.below(40) - 20 }
      : { limits: { [kind]: chance.below(4) === 0 ? null : value } }),
    reason: 'simulated',
  };
}

/** Publishes messages that were waited for once, also when nobody waits any more: the next one finds them. */
export async function publisher(field: Field, who: string): Promise<void> {
  const { chance, network } = field;
  const known: { readonly name: string; readonly correlationKey: string }[] = [];
  for (;;) {
    await network.sleep(thinkMs(chance) * 2);
    if (!field.open) return;
    const where = [{ column: 'kind', op: '=', value: 'message' }] as const;
    const seen = chance.pick(field.store.find('subscriptions', { where }));
    if (seen !== undefined && !seen.name.startsWith('procos.')) {
      const { name, correlationKey, businessKey } = seen;
      known.push({ name, correlationKey: correlationKey ?? businessKey ?? 'K' });
    }
    const message = chance.pick(known);
    if (message === undefined) continue;
    const timeToLiveMs = chance.below(600_000);
    const once = chance.below(4) === 0;
    await network.ask(who, { type: 'publishMessage', ...message, timeToLiveMs, once, variables: variables(chance) });
  }
}

/** The prober's own process; and processes of the system: suspended or redirected they rightly do not boot. */
export function touchesSystem(store: Store, command: Command): boolean {
  const { state } = store;
  const processOf = (id: number | undefined): string => state.definitions.get(id ?? -1)?.bpmnProcessId ?? '';
  const ofSystem = (definitionId: number | undefined): boolean =>
    definitionId !== undefined && /^(procos_system_.*|probe_lock)$/.test(processOf(definitionId));
  const ofProber = (definitionId: number | undefined): boolean => /^probe(_|$)/.test(processOf(definitionId));
  const ofInstance = (id: number): boolean => ofSystem(state.instances.get(id)?.definitionId);
  switch (command.type) {
    case 'createProcessInstance':
      return 'definitionId' in command.definition && ofSystem(command.definition.definitionId);
    case 'broadcastSignal':
    case 'correlateMessage':
    case 'publishMessage':
      return command.name.startsWith('procos.');
    case 'resolveIncident':
      return ofInstance(state.incidents.get(command.incidentId)?.processInstanceId ?? -1);
    case 'setLimits': {
      const { target } = command;
      const definitionId =
        target.kind === 'instance'
          ? state.instances.get(target.processInstanceId)?.definitionId
          : target.kind === 'definition'
            ? state.definitions.latest(target.bpmnProcessId, null)?.id
            : undefined;
      // Limited, what the prober starts at the end would rightly not go on.
      return ofSystem(definitionId) || ofProber(definitionId);
    }
    case 'setSuspension':
      return 'processInstanceId' in command.target && ofInstance(command.target.processInstanceId);
    case 'setVariables':
    case 'modifyProcessInstance':
    case 'cancelProcessInstance':
    case 'activateAdHoc':
      return ofInstance(command.processInstanceId);
    default:
      return false;
  }
}

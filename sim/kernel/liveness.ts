/** The faults stop: everything that can finish does, within bounded time, and what waits has a named reason. */
import { inferVariable } from '@procos/bpmn';
import type { CommandOf } from '@procos/engine';
import { demand, nothingStandsStill, Violation } from '../invariants.ts';
import { PROBE, PROBE_LOCK, PROBE_TIMER, PROBE_TIMER_MS } from './models.ts';
import type { Simulation } from './simulation.ts';

/** Bounds of the phase: a step is one wake-up. */
const MAX_STEPS = 30_000;
const READY_MS = 120_000;
/** Longest lock or back-off that a client of the first phase has asked for, and some more. */
const DRAIN_MS = 300_000;
/** From the creation of a task to the answer of a waiting worker, when nothing is lost. */
const AT_ONCE_MS = 1_000;

/** What an idle kernel has beside one wake-up per waiting request: alarm, waiters (two), a health check that ends. */
const IDLE_WAKE_UPS = 5;
/** How late a timer may ring while nothing else is to be done, by the engine's time. */
const LATE_MS = 1_000;

export async function finish(simulation: Simulation): Promise<void> {
  const { time, network, weather } = simulation;
  weather.calm = true;
  simulation.open = false;
  network.lossy = { lost: 0, twice: 0 };
  network.partitioned = false;
  // A shutdown may still be on its way: then it comes up once more.
  const isReady = (): boolean => simulation.life?.kernel?.status().phase === 'ready';
  await within(simulation, 'systemComesUp', isReady, READY_MS);
  await timeMovesOn(simulation);
  const before = [...simulation.history.tasks.keys()];
  const goOn = { on: true };
  void clerk(simulation, goOn);
  for (const topic of new Set([...simulation.topics, PROBE])) void goodWorker(simulation, topic, goOn);
  await within(
    simulation,
    'workIsDone',
    () => before.every((id) => isSettled(simulation, id)),
    DRAIN_MS,
    () => {
      const open = before.filter((id) => !isSettled(simulation, id));
      return `: ${JSON.stringify(open.map((id) => simulation.store.state.externalTasks.get(id)))}`;
    },
  );
  if (simulation.failure !== null) return;
  await probe(simulation);
  goOn.on = false;
  if (simulation.failure !== null) return;
  await simulation.runUntil(() => false, MAX_STEPS, time.now + 5_000);
  if (simulation.failure !== null) return;
  demand('nothingIsOverdue', overdue(simulation));
  const wakeUps = (simulation.life?.clock.pending ?? 0) - simulation.polls;
  if (wakeUps > IDLE_WAKE_UPS) throw new Violation('waitersAreBounded', `${wakeUps} wake-ups of an idle kernel`);
  // A slow worker may ask in the last of these moments; what is never answered stays open however long it is waited for.
  const left = (): string => `: ${simulation.unanswered} commands`;
  await within(simulation, 'commandsAreAnswered', () => simulation.unanswered === 0, AT_ONCE_MS, left);
  demand('whatWaitsHasAReason', unexplained(simulation));
  await shutDown(simulation);
  if (simulation.failure === null) simulation.look();
}

/** Runs until it is so; a violation when it is not in time. */
async function within(
  simulation: Simulation,
  what: string,
  done: () => boolean,
  ms: number,
  detail = (): string => '',
): Promise<void> {
  const { time } = simulation;
  const from = time.now;
  await simulation.runUntil(() => done() || time.now > from + ms, MAX_STEPS);
  if (simulation.failure === null && !done())
    throw new Violation(what, `not within ${time.now - from} ms without faults${detail()}`);
}

/** Time as the engine sees it does not stand still, wherever the wall clock was set. */
async function timeMovesOn(simulation: Simulation): Promise<void> {
  const engine = simulation.life?.kernel?.engine;
  if (engine === undefined) return;
  const [from, began] = [engine.now(), simulation.time.now];
  await simulation.runUntil(() => false, MAX_STEPS, began + 60_000);
  const [engineMs, realMs] = [engine.now() - from, simulation.time.now - began];
  if (simulation.failure === null && engineMs < realMs / 3)
    throw new Violation('timeMovesOn', `in ${realMs} ms the engine's time moved by ${engineMs} ms`);
}

/** It has ended, or nobody is to work on it now. */
function isSettled(simulation: Simulation, externalTaskId: number): boolean {
  const task = simulation.store.state.externalTasks.get(externalTaskId);
  // What a process does is settled when the work inside it is.
  return task === undefined || task.suspended || task.retries === 0 || task.workerId?.startsWith('process:') === true;
}

async function goodWorker(simulation: Simulation, topic: string, goOn: { readonly on: boolean }): Promise<void> {
  const { network, chance } = simulation;
  const workerId = `good-${topic}`;
  const command: CommandOf<'fetchAndLock'> = {
    type: 'fetchAndLock',
    workerId,
    maxTasks: 10,
    usePriority: false,
    topics: [{ topic, lockMs: 30_000 }],
  };
  while (goOn.on) {
    for (const { task } of await network.fetch(workerId, command, { waitMs: 600_000 })) {
      const holder = { externalTaskId: task.id, workerId, lockCount: task.lockCount };
      // Some models go round until a number says that it is enough.
      const variables = {
        done: inferVariable(true),
        result: inferVariable(chance.below(4) === 0 ? 'ok' : chance.below(20)),
      };
      await network.askAgain(workerId, {
        type: 'completeExternalTask',
        ...holder,
        variables,
        localVariables: variables,
      });
    }
  }
}

async function clerk(simulation: Simulation, goOn: { readonly on: boolean }): Promise<void> {
  const { network, store } = simulation;
  while (goOn.on) {
    await network.sleep(500);
    for (const { id } of store.find('userTasks', { limit: 20 }))
      await network.ask('clerk', { type: 'completeUserTask', userTaskId: id, variables: {} });
  }
}

/** A waiting worker is served at once, also when a lock ends, and a timer rings at its time. */
async function probe(simulation: Simulation): Promise<void> {
  const { network, time, store, history, models } = simulation;
  // Where nothing stayed up for long they may not have been deployed.
  let deployed = false;
  void network.ask('prober', models[0]!).then(({ kind }) => {
    deployed = kind === 'accepted';
  });
  await within(simulation, 'commandsAreAnswered', () => deployed, AT_ONCE_MS);
  let [first, second] = [0, 0];
  const topics = [{ topic: PROBE_LOCK, lockMs: 2_000 }];
  const fetch = { type: 'fetchAndLock', maxTasks: 1, usePriority: false, topics } as const;
  void network.fetch('holder', { ...fetch, workerId: 'holder' }, { waitMs: 10_000 }).then((tasks) => {
    first = tasks.length;
    return network.fetch('heir', { ...fetch, workerId: 'heir' }, { waitMs: 20_000 }).then((inherited) => {
      second = inherited.length;
    });
  });
  await simulation.runUntil(() => false, MAX_STEPS, time.now + 2_000);
  let [work, timer, answers] = [0, 0, ''];
  const start = async (bpmnProcessId: string): Promise<number> => {
    const answer = await network.ask('prober', { type: 'createProcessInstance', definition: { bpmnProcessId } });
    if (answer.kind === 'accepted') return (answer.value as { processInstanceId: number }).processInstanceId;
    answers += ` ${bpmnProcessId}: ${JSON.stringify(answer)}`;
    return 0;
  };
  void start(PROBE).then((id) => {
    work = id;
  });
  void start(PROBE_LOCK);
  void start(PROBE_TIMER).then((id) => {
    timer = id;
  });
  await within(
    simulation,
    'commandsAreAnswered',
    () => work * timer !== 0,
    AT_ONCE_MS,
    () => answers,
  );
  const [waiting] = store.find('timers', { where: [{ column: 'processInstanceId', op: '=', value: timer }] });
  if (waiting === undefined && simulation.failure === null)
    throw new Violation('timersRingOnTimeAndOnce', 'the timer of the probe rang at once');
  // While it is ahead of the wall clock, the engine's time goes slower.
  await within(simulation, 'timersRing', () => !history.instances.has(timer), 3 * PROBE_TIMER_MS);
  const late = history.at - (waiting?.dueAt ?? 0);
  if (simulation.failure === null && late > LATE_MS)
    throw new Violation('timersRing', `the timer of the probe rang ${late} ms late`);
  await within(simulation, 'waitersAreWoken', () => !history.instances.has(work), 3 * AT_ONCE_MS);
  await within(simulation, 'waitersAreWoken', () => first > 0, 3 * AT_ONCE_MS);
  await within(simulation, 'locksEnd', () => second > 0, 2 * 2_000 + 3 * AT_ONCE_MS);
}

function overdue({ store, life }: Simulation): string | null {
  const now = (life?.kernel?.engine.now() ?? 0) - 3_000;
  const timer = store.find('timers').find(({ dueAt, suspended }) => !suspended && dueAt <= now);
  if (timer !== undefined) return `timer ${timer.id} (${timer.elementId}) is ${now - timer.dueAt} ms late`;
  const message = store.state.messages.expired(now, 1)[0];
  return message === undefined ? null : `message ${message.id} (${message.name}) should have expired`;
}

function unexplained({ store, history }: Simulation): string | null {
  for (const id of history.instances.keys()) {
    const instance = store.state.instances.get(id);
    const finding = instance === undefined ? null : nothingStandsStill(store, instance);
    if (finding !== null) return finding;
  }
  return null;
}

/** The system goes down in order when it is asked to, and comes up again. */
async function shutDown(simulation: Simulation): Promise<void> {
  let down = false;
  void simulation.ended().then(() => {
    down = true;
  });
  const kernel = simulation.life?.kernel;
  const tooLate = (): void => simulation.fail(new Violation('systemGoesDown', 'the order was not taken'));
  kernel?.requestShutdown({ kind: 'user', id: 'operator' }, 'the run is over').catch(tooLate);
  await within(simulation, 'systemGoesDown', () => down, READY_MS);
  await within(simulation, 'systemComesUp', () => simulation.life?.ready === true, READY_MS);
}

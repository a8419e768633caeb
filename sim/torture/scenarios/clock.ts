/** The wall clock is set while the kernel works: no timer stops, nobody's lock ends early or never. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandOf } from '@procos/engine';
import { Violation } from '../../invariants.ts';
import { Chance } from '../../random.ts';
import { Client, createClients, fetchOf, workUntilEnded } from '../clients.ts';
import { KernelProcess } from '../kernel-process.ts';
import { Life } from '../life.ts';
import { ORDER } from '../models.ts';
import type { Plant } from '../plants.ts';
import { attempt } from '../rounds.ts';
import { emptyTally, type Run, type Scenario, type Tally } from '../scenario.ts';
import { WallClock, wallClockMissing } from '../wall-clock.ts';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const ROUNDS_PER_STORE = 8;
const LONGEST_MS = 300;
/** An order with its timer of 100 ms, which takes up to twice as long. */
const ORDER_TAKES_MS = 10_000;
const LONG_LEASE_MS = 60_000;
const SHORT_LEASE_MS = 400;
/** Locks last up to twice as long while the clock is behind. */
const SHORT_LEASE_ENDS_MS = 2 * SHORT_LEASE_MS + 1_000;
const HELD = 'held';
const MODEL = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="definitions" targetNamespace="http://procos.dev/torture">
  <bpmn:process id="${HELD}" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:serviceTask id="work" camunda:type="external" camunda:topic="${HELD}" />
    <bpmn:endEvent id="end" />
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="work" />
    <bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>`;

type Change = 'an hour back' | 'a year forward' | 'stands still' | 'goes on';
const CHANGES: readonly Change[] = ['an hour back', 'a year forward', 'stands still', 'goes on'];

export const clock: Scenario = {
  name: 'clock',
  does: 'the wall clock is set an hour back, a year forward, or stands still under six clients; then the kernel is killed',
  rounds: { full: 200, short: 4 },
  missing: wallClockMissing,
  run,
  control: { plant: 'timeStandsStill', rounds: 4, breaks: ['timersGoOn', 'leasesEnd', 'nothingIsStuck'] },
};

async function run({ rounds, seed, plant }: Run): Promise<Tally> {
  const chance = new Chance(seed);
  const tally = emptyTally();
  let slowestMs = 0;
  while (tally.rounds < rounds) {
    using wall = new WallClock();
    using life = new Life(undefined, [...createClients(), new Client('probe', ''), new Client('thief', '')]);
    let round = '';
    const held = await attempt(tally, `store after round ${tally.rounds}`, async () => {
      const upTo = Math.min(rounds, tally.rounds + ROUNDS_PER_STORE);
      while (tally.rounds < upTo) {
        const change = CHANGES[tally.rounds % CHANGES.length] ?? 'goes on';
        tally.rounds += 1;
        round = `round ${tally.rounds}, ${change}`;
        slowestMs = Math.max(slowestMs, await setClock({ wall, life, chance, plant, change }));
        life.examine();
      }
      await life.finish(chance, { through: wall.through });
    });
    tally.acknowledged += life.acknowledged;
    if (!held) tally.figures['broke in'] = round;
    if (!held && plant !== 'none') break;
  }
  tally.figures['slowest order, ms'] = Math.round(slowestMs);
  return tally;
}

interface Round {
  readonly wall: WallClock;
  readonly life: Life;
  readonly chance: Chance;
  readonly plant: Plant;
  readonly change: Change;
}

/** Gives how long an order takes that is begun afterwards, ms. */
async function setClock({ wall, life, chance, plant, change }: Round): Promise<number> {
  const kernel = await KernelProcess.start({ directory: life.directory, plant, through: wall.through });
  const working = workUntilEnded(life.clients, kernel, chance);
  try {
    const [probe, thief] = ['probe', 'thief'].map((role) => life.clients.find((client) => client.role === role));
    if (probe === undefined || thief === undefined) throw new Error('nobody looks');
    await kernel.deploy(probe.name, MODEL);
    const long = await lock(probe, kernel, LONG_LEASE_MS);
    const short = await lock(probe, kernel, SHORT_LEASE_MS);
    await sleep(chance.below(LONGEST_MS) % SHORT_LEASE_MS);
    apply(wall, change);
    const tookMs = await anOrder(probe, kernel);
    await leaseEnds(thief, kernel, short);
    await leaseHolds(thief, probe, kernel, long);
    return tookMs;
  } finally {
    await kernel.kill();
    await working;
  }
}

function apply(wall: WallClock, change: Change): void {
  if (change === 'an hour back') wall.move(-HOUR_MS);
  else if (change === 'a year forward') wall.move(YEAR_MS);
  else if (change === 'stands still') wall.freeze();
  else wall.move(0);
}

type Holder = { readonly externalTaskId: number; readonly workerId: string; readonly lockCount: number };

async function lock(client: Client, kernel: KernelProcess, leaseMs: number): Promise<Holder> {
  await client.ask(kernel, { type: 'createProcessInstance', definition: { bpmnProcessId: HELD } });
  const task = await fetchHeld(client, kernel, leaseMs, 2_000);
  if (task === null) throw new Violation('timersGoOn', 'a new task is not handed out');
  return task;
}

async function fetchHeld(
  client: Client,
  kernel: KernelProcess,
  leaseMs: number,
  waitMs: number,
): Promise<Holder | null> {
  const command: CommandOf<'fetchAndLock'> = fetchOf(client.name, leaseMs, [HELD], 1);
  const fetched = await client.ask<'fetchAndLock'>(kernel, command, waitMs);
  const task = fetched.ok ? fetched.value.tasks[0]?.task : undefined;
  return task === undefined ? null : { externalTaskId: task.id, workerId: client.name, lockCount: task.lockCount };
}

/** Its timer rings, whatever the wall says. */
async function anOrder(client: Client, kernel: KernelProcess): Promise<number> {
  const began = performance.now();
  const started = await client.ask<'createProcessInstance'>(kernel, {
    type: 'createProcessInstance',
    definition: { bpmnProcessId: ORDER },
  });
  const id = started.ok ? started.value.processInstanceId : 0;
  for (;;) {
    const [row] = await kernel.find('processInstances', [{ column: 'id', op: '=', value: id }]);
    if (row?.['state'] === 'completed') return performance.now() - began;
    if (performance.now() - began > ORDER_TAKES_MS)
      throw new Violation('timersGoOn', `an order is not done ${ORDER_TAKES_MS} ms after the clock was set`);
    await sleep(20);
  }
}

async function leaseEnds(thief: Client, kernel: KernelProcess, { externalTaskId }: Holder): Promise<void> {
  const task = await fetchHeld(thief, kernel, LONG_LEASE_MS, SHORT_LEASE_ENDS_MS);
  if (task?.externalTaskId !== externalTaskId)
    throw new Violation('leasesEnd', `a lease of ${SHORT_LEASE_MS} ms has not ended in ${SHORT_LEASE_ENDS_MS} ms`);
  await thief.ask(kernel, { type: 'completeExternalTask', ...task });
}

async function leaseHolds(thief: Client, probe: Client, kernel: KernelProcess, held: Holder): Promise<void> {
  if ((await fetchHeld(thief, kernel, LONG_LEASE_MS, 0)) !== null)
    throw new Violation('leasesHold', `a lease of ${LONG_LEASE_MS} ms was taken over when the clock was set`);
  const done = await probe.ask(kernel, { type: 'completeExternalTask', ...held });
  if (!done.ok) throw new Violation('leasesHold', done.rejection.message);
}

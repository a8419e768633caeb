/** One random model and what happens to it: deployed, driven by random acts, brought to rest, and watched after every step. */
import assert from 'node:assert/strict';
import { type ProcessModel, readProcesses } from '@procos/bpmn';
import { DEFAULT_LIMITS, type Limits } from '@procos/engine';
import { Wilderness } from '../../packages/engine/stories/wilderness.ts';
import { Chance } from '../random.ts';
import { DECISION } from './decision.ts';
import { generateModel } from './generate.ts';
import { MirroredWorld } from './mirror.ts';
import { type Reason, Rest } from './rest.ts';
import { print, type Tag } from './xml.ts';

/** All that makes a run what it is. Each act has chance of its own, so that the others stay as they are when one is dropped. */
export interface Play {
  readonly tree: Tag;
  readonly acts: readonly number[];
  /** Small ones make long commands yield again and again. */
  readonly stepsPerCommand: number;
}

export interface Played {
  readonly models: readonly ProcessModel[];
  /** Process instances that began, and those that had not ended when everything had come to rest. */
  readonly started: number;
  readonly left: number;
  readonly commands: number;
  /** Of those that are left. */
  readonly reasons: readonly Reason[];
}

/** No model goes round without waiting: one that does is stopped before what it leaves in the log fills the memory. */
const FEW: Limits = { ...DEFAULT_LIMITS, laps: 1_000, stepsWithoutWait: 100_000 };

/** A message that waits for the end of one instance begins the next one then: so many wait at most. */
const MAX_CANCELS = 20;

/** The play of a seed. */
export function playOf(seed: number): Play {
  const chance = new Chance(seed);
  const { tree } = generateModel(chance);
  const length = 10 + chance.below(50);
  const stepsPerCommand = chance.below(4) === 0 ? 5 + chance.below(30) : DEFAULT_LIMITS.stepsPerCommand;
  return { tree, stepsPerCommand, acts: Array.from({ length }, () => chance.below(0x7fff_ffff)) };
}

/** Rejects with what is wrong. */
export async function perform({ tree, acts, stepsPerCommand }: Play): Promise<Played> {
  const xml = print(tree);
  const { processes, problems } = await readProcesses(xml);
  const refusals = problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  assert.deepEqual(refusals, [], 'the deploy check accepts it');
  const world = new MirroredWorld();
  world.limits = { ...FEW, stepsPerCommand };
  world.deployDecisionsOf(DECISION.name, DECISION.xml);
  const deployed = world.deployModels('random.bpmn', xml, processes);
  assert.ok(deployed.ok, 'the engine accepts it');
  for (const act of acts) {
    const chance = new Chance(act);
    new Wilderness(world, (below) => chance.below(below)).act();
  }
  world.checkViews();
  const rest = new Rest(world);
  rest.settle();
  const reasons = rest.reasons();
  const left = world.instanceIds();
  for (let round = 0; round < MAX_CANCELS && world.instanceIds().length > 0; round += 1) {
    for (const id of world.instanceIds()) world.try({ type: 'cancelProcessInstance', processInstanceId: id });
    // Listeners that are told of it may need a worker first.
    rest.settle();
  }
  assertEmpty(world);
  world.checkViews();
  const events = world.records.flatMap((record) => record.events);
  const started = events.filter(({ type }) => type === 'processInstanceCreated').length;
  return { models: processes, started, left: left.length, commands: world.records.length, reasons };
}

/** When every instance has ended, nothing that belonged to one is left. */
function assertEmpty(world: MirroredWorld): void {
  assert.deepEqual(world.instanceIds(), [], 'every instance can be canceled');
  const { store } = world;
  const owned = (rows: readonly { readonly processInstanceId: number | null }[]) =>
    rows.filter(({ processInstanceId }) => processInstanceId !== null);
  assert.deepEqual(owned(store.find('externalTasks')), []);
  assert.deepEqual(owned(store.find('userTasks')), []);
  assert.deepEqual(owned(store.find('timers')), []);
  assert.deepEqual(owned(store.find('subscriptions')), []);
  assert.deepEqual(owned(store.find('incidents')), []);
}

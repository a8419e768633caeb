/** System calls of snapshots, `procos.snapshot.…`: choose, freeze, write, wipe, thaw; validate, deploy, bring. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { jsonOf } from '@procos/bpmn';
import type { Command, CommandOf, Subject } from '@procos/engine';
import { activeOf, bringInstances, deployMissing, type Pair } from '../snapshot/bring.ts';
import { readSnapshot, type SnapshotScope } from '../snapshot/file.ts';
import type { SnapshotNeeds } from '../snapshot/needs.ts';
import { planImport } from '../snapshot/plan.ts';
import { systemDefinitions, topsOf } from '../snapshot/scope.ts';
import { writeSnapshot } from '../snapshot/write.ts';
import { Hopeless, type SystemCall, type SystemTask } from './contract.ts';
import { isFileName, nameProblem } from './file-names.ts';
import { starterOf } from './starter.ts';

/** What variables have room for. */
const MOST_INSTANCES = 100_000;
const MOST_NAMED = 1_000;
/** Of one step of removing history. */
const ROWS = 500;
const INSTANCES = 100;

export type { SnapshotNeeds };

export function snapshotCalls(needs: SnapshotNeeds): readonly SystemCall[] {
  const { folder } = needs;
  return [
    {
      topic: 'procos.snapshot.choose',
      async run(task) {
        const engine = needs.engine();
        const scope = scopeOf(task);
        const file = task.input('file') === null ? `snapshot-${task.processInstanceId}.snapshot` : fileName(task);
        const tops = topsOf(engine, scope, needs.rootInstanceId());
        const running = tops.flatMap((top) => needs.family(top)).filter((id) => needs.freeze(id)?.suspended === false);
        const definitions = openDefinitions(needs, scope);
        const instances = [...ids(task, 'thaw_instances'), ...running];
        if (instances.length > MOST_INSTANCES)
          throw new Hopeless(
            `${instances.length} process instances are more than go into one snapshot (${MOST_INSTANCES}): take one for each process.`,
          );
        return {
          variables: {
            file,
            freeze_instances: running,
            freeze_definitions: definitions,
            thaw_instances: instances,
            thaw_definitions: [...ids(task, 'thaw_definitions'), ...definitions],
            wipe: task.input('wipe') === true,
            keep_frozen: task.input('keep_frozen') === true,
            more: running.length + definitions.length > 0,
          },
        };
      },
    },
    {
      topic: 'procos.snapshot.freeze',
      async run(task) {
        await suspend(needs, task, ids(task, 'freeze_definitions'), ids(task, 'freeze_instances'), true);
        return {};
      },
    },
    {
      topic: 'procos.snapshot.thaw',
      async run(task) {
        await suspend(needs, task, ids(task, 'thaw_definitions'), ids(task, 'thaw_instances'), false);
        return {};
      },
    },
    {
      topic: 'procos.snapshot.write',
      async run(task) {
        const path = join(folder, fileName(task));
        const thawed = new Set(ids(task, 'thaw_instances'));
        const options = { thawed, history: task.input('history') === true };
        const written = await writeSnapshot(needs, path, scopeOf(task), options);
        return { variables: { path, written: jsonOf(written) } };
      },
    },
    {
      topic: 'procos.snapshot.validate',
      async run(task) {
        const path = existing(folder, task);
        const by = starterOf(needs.engine(), task.processInstanceId, 'snapshot');
        const { report } = await planImport(needs, path, by);
        const active_before = report.ok ? await activeOf(needs, path, by) : [];
        return { variables: { report: jsonOf(report), ok: report.ok, active_before } };
      },
    },
    {
      topic: 'procos.snapshot.wipe',
      async run(task) {
        const wiped = await wipe(needs, task, existing(folder, task));
        return { variables: { wiped } };
      },
    },
    {
      topic: 'procos.snapshot.deploy',
      async run(task) {
        const path = existing(folder, task);
        const definitions = await deployMissing(needs, path, bringing(needs, task), ids(task, 'active_before'));
        return { variables: { definitions: jsonOf(definitions) } };
      },
    },
    {
      topic: 'procos.snapshot.bring',
      async run(task) {
        const path = existing(folder, task);
        const mappingFile = `${path}.${task.processInstanceId}.json`;
        const { mapping, resumed } = await bringInstances(needs, path, {
          ...bringing(needs, task),
          definitions: pairs(task, 'definitions'),
          keepSuspended: task.input('keep_suspended') === true,
          mappingFile,
        });
        const named = Object.fromEntries(mapping.slice(0, MOST_NAMED));
        return { variables: { mapping: named, mapping_file: mappingFile, imported: mapping.length, resumed } };
      },
    },
  ];
}

function bringing(needs: SnapshotNeeds, task: SystemTask) {
  const by = starterOf(needs.engine(), task.processInstanceId, 'snapshot');
  return { by, taskId: task.holder.externalTaskId };
}

/** Nobody starts what a snapshot of a whole process, or of everything, is of. */
function openDefinitions(needs: SnapshotNeeds, { instances, process }: SnapshotScope): readonly number[] {
  if (instances !== undefined) return [];
  const engine = needs.engine();
  const system = systemDefinitions(engine);
  const all = engine.find('definitions', { where: [{ column: 'suspended', op: '=', value: false }] });
  return all
    .filter((one) => !system.has(one.id) && (process === undefined || one.bpmnProcessId === process))
    .map(({ id }) => id);
}

/** Asking for what is so already changes nothing: a call that was interrupted simply begins again. */
async function suspend(
  needs: SnapshotNeeds,
  task: SystemTask,
  definitionIds: readonly number[],
  processInstanceIds: readonly number[],
  suspended: boolean,
): Promise<void> {
  const by = starterOf(needs.engine(), task.processInstanceId, 'snapshot');
  const targets: CommandOf<'setSuspension'>['target'][] = [
    ...definitionIds.map((definitionId) => ({ definitionId })),
    ...processInstanceIds.map((processInstanceId) => ({ processInstanceId })),
  ];
  for (const target of targets) await submit(needs, { type: 'setSuspension', target, suspended }, by);
}

/** Ends what is in the file, and takes it out of the history with all that it had called before. How many instances that were. */
async function wipe(needs: SnapshotNeeds, task: SystemTask, path: string): Promise<number> {
  const engine = needs.engine();
  const by = starterOf(engine, task.processInstanceId, 'snapshot');
  const reason = `moved into the snapshot ${task.input('file')}`;
  let wiped = 0;
  for await (const line of readSnapshot(path)) {
    if (line.kind !== 'family') continue;
    const [top] = line.instances;
    if (top === undefined) continue;
    await submit(needs, { type: 'cancelProcessInstance', processInstanceId: top.id, reason, skipListeners: true }, by);
    let called: readonly number[] = [top.id];
    const all: (readonly number[])[] = [];
    while (called.length > 0) {
      all.unshift(called);
      const where = [{ column: 'parentId', op: 'in', value: called }] as const;
      called = engine.find('processInstances', { where }).map(({ id }) => id);
    }
    const processInstances = all.flat();
    for (let from = 0; from < processInstances.length; from += INSTANCES) {
      const processInstanceIds = processInstances.slice(from, from + INSTANCES);
      const where = [{ column: 'id', op: 'in', value: processInstanceIds }] as const;
      while (engine.count('processInstances', { where }) > 0)
        await submit(needs, { type: 'removeHistory', target: { processInstanceIds }, atMost: ROWS }, by);
    }
    wiped += line.instances.length;
  }
  return wiped;
}

/** What has gone meanwhile needs nothing. */
async function submit(
  needs: SnapshotNeeds,
  command: Parameters<SnapshotNeeds['submit']>[0],
  by: Subject,
): Promise<void> {
  const refusal = needs.refusal(command as Command, by);
  if (refusal !== undefined) throw new Hopeless(refusal);
  const outcome = await needs.submit(command, by);
  if (!outcome.ok && outcome.rejection.code !== 'NOT_FOUND') throw new Error(outcome.rejection.message);
}

function scopeOf(task: SystemTask): SnapshotScope {
  const process = task.input('process');
  const instances = task.input('instances');
  if (process !== null && instances !== null)
    throw new Hopeless('Give either process or instances, or neither for everything that is no process of the system.');
  if (process !== null) {
    if (typeof process !== 'string')
      throw new Hopeless(`process must be the id of a process, not ${JSON.stringify(process)}.`);
    return { process };
  }
  if (instances === null) return {};
  const list = (Array.isArray(instances) ? instances : [instances]).map(Number);
  if (list.length === 0 || list.some((id) => !Number.isSafeInteger(id)))
    throw new Hopeless(`instances must be a list of process ids, not ${JSON.stringify(instances)}.`);
  return { instances: list };
}

function ids(task: SystemTask, name: string): readonly number[] {
  const value = task.input(name);
  if (value === null) return [];
  if (Array.isArray(value) && value.every((one) => Number.isSafeInteger(one))) return value as readonly number[];
  throw new Hopeless(`The variable ${name} is no list of ids: start anew.`);
}

function pairs(task: SystemTask, name: string): readonly Pair[] {
  const value = task.input(name);
  if (Array.isArray(value) && value.every((one) => Array.isArray(one) && one.every(Number.isSafeInteger)))
    return value as unknown as readonly Pair[];
  throw new Hopeless(`The variable ${name} is no list of pairs of ids: start anew.`);
}

function fileName(task: SystemTask): string {
  const value = task.input('file');
  if (isFileName(value, '.snapshot')) return value;
  throw new Hopeless(nameProblem(value, '.snapshot'));
}

function existing(folder: string, task: SystemTask): string {
  const path = join(folder, fileName(task));
  if (existsSync(path)) return path;
  const there = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.snapshot')) : [];
  const known = there.length === 0 ? 'no snapshots' : there.sort().join(', ');
  throw new Hopeless(`There is no snapshot ${task.input('file')} in ${folder}. There: ${known}.`);
}

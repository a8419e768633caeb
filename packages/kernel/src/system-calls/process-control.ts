/** `procos.process.start`, `.status` and `.terminate`: process instances as a process sees to them, in the name of who started it. */
import { inferVariable, isOperators, type Json } from '@procos/bpmn';
import type { Command } from '@procos/engine';
import type { ProcessEngine } from '../process-engine.ts';
import { Hopeless, type SystemCall, type SystemTask } from './contract.ts';
import { starterOf } from './starter.ts';

/** Of a result, so that it is a variable of ordinary size. */
const MOST_VARIABLES = 1_000;

/** `systemByName`: as in the engine's context. */
export function processCalls(engine: () => ProcessEngine, systemByName: boolean): readonly SystemCall[] {
  return [
    {
      topic: 'procos.process.start',
      async run(task) {
        const process = task.input('process');
        if (typeof process !== 'string')
          throw new Hopeless(`process must be the id of a process, not ${JSON.stringify(process)}.`);
        // Who started this may be somebody else than who drew the process that called it.
        if (systemByName && isOperators(process)) {
          const problem = `${process} is a process of the system: start it yourself, or name it in the model that calls it.`;
          return { variables: { pid: null, problem } };
        }
        const given = task.input('variables');
        const variables =
          given === null || typeof given !== 'object' || Array.isArray(given)
            ? {}
            : (given as { readonly [name: string]: Json });
        const businessKey = task.input('business_key');
        const key = { key: `system call ${task.holder.externalTaskId}`, fingerprint: process };
        const outcome = await engine().submit(
          {
            type: 'createProcessInstance',
            definition: { bpmnProcessId: process },
            businessKey: typeof businessKey === 'string' ? businessKey : null,
            variables: Object.fromEntries(
              Object.entries(variables).map(([name, value]) => [name, inferVariable(value)]),
            ),
          },
          byOf(engine(), task),
          key,
        );
        if (!outcome.ok) return { variables: { pid: null, problem: outcome.rejection.message } };
        return { variables: { pid: outcome.value.processInstanceId, problem: null } };
      },
    },
    {
      topic: 'procos.process.status',
      async run(task) {
        const row = find(engine(), pidOf(task));
        if (row === undefined) return { variables: { state: 'unknown', ended: true, result: null } };
        const where = [
          { column: 'scopeId', op: '=', value: row.id },
          { column: 'processInstanceId', op: '=', value: row.id },
        ] as const;
        const rows = engine().find('variables', { where, limit: MOST_VARIABLES });
        const result = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
        const state = row.state === 'active' && row.incidents > 0 ? 'incident' : row.state;
        return { variables: { state, ended: row.endedAt !== null, result, problem: row.reason } };
      },
    },
    {
      topic: 'procos.process.terminate',
      async run(task) {
        const processInstanceId = pidOf(task);
        const by = byOf(engine(), task);
        const reason = task.input('reason');
        const command: Command = {
          type: 'cancelProcessInstance',
          processInstanceId,
          reason: typeof reason === 'string' ? reason : `terminated by process ${task.processInstanceId}`,
          compensate: task.input('compensate') === true,
        };
        const outcome = await engine().submit<'cancelProcessInstance'>(command, by);
        const gone = !outcome.ok && outcome.rejection.code === 'NOT_FOUND';
        if (!outcome.ok && !gone) throw new Hopeless(outcome.rejection.message);
        return {
          variables: { terminated: outcome.ok, known: outcome.ok || find(engine(), processInstanceId) !== undefined },
        };
      },
    },
  ];
}

function byOf(engine: ProcessEngine, { processInstanceId }: SystemTask) {
  return starterOf(engine, processInstanceId, 'process');
}

function find(engine: ProcessEngine, id: number) {
  return engine.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] })[0];
}

function pidOf(task: SystemTask): number {
  const id = Number(task.input('pid'));
  if (Number.isSafeInteger(id) && id > 0) return id;
  throw new Hopeless(`pid must be a process id, not ${JSON.stringify(task.input('pid'))}.`);
}

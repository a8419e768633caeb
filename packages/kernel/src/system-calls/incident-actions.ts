/**
 * `procos.incident.retry`, `.set_variables`, `.move`, `.cancel`: what a recovery does about its incidents. Each incident is a
 * command of its own, done once, with the reason in its record; one that was resolved meanwhile is left as it is.
 */
import { inferVariable, type Json } from '@procos/bpmn';
import type { Incident, Subject } from '@procos/engine';
import type { ItemPlan } from '../batch/plan-item.ts';
import type { ProcessEngine } from '../process-engine.ts';
import { withCallers } from '../recovery/examined.ts';
import { Hopeless, type SystemCall, type SystemTask } from './contract.ts';
import { ItemWorker, type ItemWorkNeeds } from './item-work.ts';

export interface IncidentActionsNeeds extends ItemWorkNeeds {
  readonly engine: () => Pick<ProcessEngine, 'find' | 'count'>;
}

/** Incidents whose failures are named in `problem`. */
const NAMED = 5;
/** Read at once: twice the window of the work, so that each is read about once. */
const READ = 32;

type Parameters = Readonly<Record<string, Json>>;
/** What is done about one open incident. Throws `Hopeless` when its parameters are of no use. */
type Action = (incident: Incident, parameters: Parameters, task: SystemTask) => ItemPlan;

const ACTIONS: Readonly<Record<string, Action>> = {
  retry: ({ id, externalTaskId }, { retries }) => {
    const attempts = typeof retries === 'number' && Number.isInteger(retries) && retries > 1 ? retries : 1;
    if (externalTaskId === null || attempts === 1) return { command: { type: 'resolveIncident', incidentId: id } };
    return { command: { type: 'setExternalTaskRetries', externalTaskId, retries: attempts } };
  },

  set_variables: ({ processInstanceId, elementInstanceId: scopeId }, { values }) => {
    const variables = Object.fromEntries(
      Object.entries(mapOf(values)).map(([name, value]) => [name, inferVariable(value)]),
    );
    return { command: { type: 'setVariables', processInstanceId, scopeId, variables, local: false } };
  },

  move: ({ id, processInstanceId, elementInstanceId }, { target }) => {
    if (typeof target !== 'string' || target === '')
      throw new Hopeless('The parameter target names no element: say in it where the token is to go.');
    if (elementInstanceId === processInstanceId)
      return { failure: `incident ${id} is one of the whole process: there is no token to be moved` };
    const instructions = [
      { kind: 'cancel', elementInstanceId },
      { kind: 'startBefore', elementId: target },
    ] as const;
    return { command: { type: 'modifyProcessInstance', processInstanceId, instructions } };
  },

  cancel: ({ processInstanceId }, _, task) => {
    const compensate = task.input('action') === 'compensate';
    const reason = whyOf(task);
    return {
      command: { type: 'cancelProcessInstance', processInstanceId, reason, ...(compensate ? { compensate } : {}) },
    };
  },
};

export function incidentActions(needs: IncidentActionsNeeds): readonly SystemCall[] {
  const worker = new ItemWorker(needs);
  return Object.entries(ACTIONS).map(([name, action]) => ({
    topic: `procos.incident.${name}`,
    async run(task: SystemTask) {
      const items = incidentIdsOf(task);
      const { recoveryId, callers } = recoveryOf(needs.engine(), task);
      const parameters = mapOrEmpty(task.input('parameters'));
      const window = new Map<number, Incident | undefined>();
      const plan = (item: number): ItemPlan => {
        if (!window.has(item)) read(needs, items, item, window);
        const incident = window.get(item);
        window.delete(item);
        if (incident === undefined) return {};
        if (incident.recoveryId === undefined || !callers.has(incident.recoveryId))
          return { failure: `incident ${item} is not one that process ${task.processInstanceId} recovers` };
        return action(incident, parameters, task);
      };
      try {
        const by: Subject = { kind: 'kernel', id: `recovery ${recoveryId}` };
        const failures = await worker.workThrough(task, { items, by, plan, why: whyOf(task) });
        return { variables: { problem: problemOf(needs, failures) } };
      } catch (error) {
        // Whoever decides next is told, instead of another incident.
        if (error instanceof Hopeless) return { variables: { problem: error.message } };
        throw error;
      }
    },
  }));
}

/** The next incidents of the list, as they are now. */
function read(
  { engine }: IncidentActionsNeeds,
  items: readonly number[],
  from: number,
  into: Map<number, Incident | undefined>,
): void {
  const at = items.indexOf(from);
  const ids = items.slice(at, at + READ);
  const found = engine().find('incidents', { where: [{ column: 'id', op: 'in', value: ids }] });
  into.clear();
  for (const id of ids) into.set(id, undefined);
  for (const incident of found) into.set(incident.id, incident);
}

/** Null: all is done. What has gone meanwhile is none. */
function problemOf(
  { engine }: IncidentActionsNeeds,
  failures: readonly { readonly item: number; readonly reason: string }[],
): string | null {
  if (failures.length === 0) return null;
  const ids = failures.map(({ item }) => item);
  const open = new Set(
    engine()
      .find('incidents', { where: [{ column: 'id', op: 'in', value: ids }] })
      .map(({ id }) => id),
  );
  const left = failures.filter(({ item }) => open.has(item));
  if (left.length === 0) return null;
  const named = left.slice(0, NAMED).map(({ item, reason }) => `incident ${item}: ${reason}`);
  const more = left.length > NAMED ? `; and ${left.length - NAMED} more` : '';
  return `${named.join('; ')}${more}`;
}

/** The variable may be anybody's, so each incident is asked whether one of these is its recovery. */
function recoveryOf(engine: Pick<ProcessEngine, 'find'>, { processInstanceId }: SystemTask) {
  const callers = withCallers(engine, [processInstanceId]);
  let recoveryId = processInstanceId;
  for (let at = callers.get(processInstanceId); at !== undefined; ) {
    recoveryId = at.startedBy === 'kernel:recovery' ? at.id : recoveryId;
    at = at.parentId === null ? undefined : callers.get(at.parentId);
  }
  return { recoveryId, callers };
}

function incidentIdsOf(task: SystemTask): readonly number[] {
  const value = task.input('incidents');
  if (Array.isArray(value) && value.every((item) => Number.isSafeInteger(item))) return value as readonly number[];
  if (value === null) return [];
  throw new Hopeless('The variable incidents of the recovery is no list of ids: cancel the recovery.');
}

/** For the audit: what the table, or a person, gave as the reason. */
export function whyOf(task: SystemTask): string {
  const reason = task.input('reason');
  const action = task.input('action');
  const what = typeof action === 'string' ? `recovery by ${action}` : 'recovery';
  return typeof reason === 'string' && reason !== '' ? `${what}: ${reason}` : what;
}

function mapOrEmpty(value: Json): Parameters {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Parameters) : {};
}

/** A person writes it as JSON text. */
function mapOf(value: Json | undefined): Parameters {
  const wrong = () =>
    new Hopeless('The parameter values is no map of variables: write it like {"amount": 10, "checked": true}.');
  let map: Json = value ?? null;
  if (typeof map === 'string') {
    try {
      map = JSON.parse(map) as Json;
    } catch {
      throw wrong();
    }
  }
  if (map === null || typeof map !== 'object' || Array.isArray(map)) throw wrong();
  return map as Parameters;
}

/** What an operation comes to for one item: a command, nothing because it is so already, or why it cannot be. */
import type { Variable } from '@procos/bpmn';
import type { ItemCommand } from '@procos/engine';
import type { ProcessInstanceView } from '@procos/store';
import type { ProcessEngine } from '../process-engine.ts';
import type { BatchOperation } from './operation.ts';

export interface ItemPlan {
  readonly command?: ItemCommand;
  readonly failure?: string;
}

/** Of one process instance. */
const ALL_ROWS = 1_000_000;

type Past = Pick<ProcessEngine, 'find' | 'records' | 'firstSequence'>;

export function planItem(operation: BatchOperation, item: number, engine: Past): ItemPlan {
  switch (operation.type) {
    case 'cancelProcessInstance': {
      const hasEnded = instanceOf(engine, item)?.endedAt;
      if (typeof hasEnded === 'number') return {};
      return { command: { ...operation, processInstanceId: item } };
    }
    case 'broadcastSignal':
      return { command: { ...operation, processInstanceId: item } };
    case 'setSuspension':
      return { command: { ...operation, target: { processInstanceId: item } } };
    case 'setVariables': {
      const scope = { processInstanceId: item, scopeId: item, local: true } as const;
      return { command: { type: 'setVariables', ...scope, variables: operation.variables } };
    }
    case 'correlateMessage': {
      const { name, variables } = operation;
      return { command: { type: 'correlateMessage', name, processInstanceId: item, variables, all: false } };
    }
    case 'modifyProcessInstance': {
      const { definitionId, ...command } = operation;
      return ofDefinition(engine, item, definitionId) ?? { command: { ...command, processInstanceId: item } };
    }
    case 'migrateProcessInstance': {
      const { sourceDefinitionId, ...command } = operation;
      return ofDefinition(engine, item, sourceDefinitionId) ?? { command: { ...command, processInstanceId: item } };
    }
    case 'restartProcessInstance':
      return restart(operation, item, engine);
    case 'removeHistory': {
      const instance = instanceOf(engine, item);
      if (instance === undefined) return {};
      if (instance.endedAt === null) return { failure: `process instance ${item} still runs: its history stays` };
      return { command: { ...operation, target: { processInstanceIds: [item] }, atMost: ALL_ROWS } };
    }
    case 'removeDecisionHistory':
      return { command: { type: 'removeHistory', target: { decisionInstanceIds: [item] }, atMost: ALL_ROWS } };
    case 'setExternalTaskRetries':
      return { command: { ...operation, externalTaskId: item } };
    case 'resolveIncident':
      // A timer is a job that has its retries: nothing to do.
      if (engine.find('timers', { where: [{ column: 'id', op: '=', value: item }] }).length > 0) return {};
      return { command: { type: 'resolveIncident', incidentId: item } };
  }
}

function instanceOf(engine: Past, processInstanceId: number): ProcessInstanceView | undefined {
  return engine.find('processInstances', { where: [{ column: 'id', op: '=', value: processInstanceId }] })[0];
}

function ofDefinition(engine: Past, processInstanceId: number, definitionId: number): ItemPlan | undefined {
  if (instanceOf(engine, processInstanceId)?.definitionId === definitionId) return undefined;
  return { failure: `process instance ${processInstanceId} does not run process definition ${definitionId}` };
}

/** A new instance with the variables of the one that has ended. */
function restart(
  operation: Extract<BatchOperation, { readonly type: 'restartProcessInstance' }>,
  processInstanceId: number,
  engine: Past,
): ItemPlan {
  const { definitionId, startInstructions, initialVariables, withoutBusinessKey, skipListeners, skipMappings } =
    operation;
  const ended = instanceOf(engine, processInstanceId);
  if (ended === undefined || ended.definitionId !== definitionId)
    return { failure: `process instance ${processInstanceId} is no instance of process definition ${definitionId}` };
  if (ended.state === 'active') return { failure: `process instance ${processInstanceId} still runs` };
  const variables = initialVariables ? firstVariables(engine, ended) : lastVariables(engine, processInstanceId);
  if (variables === undefined)
    return { failure: `what process instance ${processInstanceId} began with is no longer in the log` };
  return {
    command: {
      type: 'createProcessInstance',
      definition: { definitionId },
      businessKey: withoutBusinessKey ? null : ended.businessKey,
      variables,
      startInstructions,
      skipListeners,
      skipMappings,
    },
  };
}

/** The variables of the process instance when it ended. */
function lastVariables(engine: Past, processInstanceId: number): Record<string, Variable> {
  const where = [
    { column: 'processInstanceId', op: '=', value: processInstanceId },
    { column: 'scopeId', op: '=', value: processInstanceId },
  ] as const;
  const variables: Record<string, Variable> = {};
  for (const { name, type, value, info } of engine.find('variables', { where }))
    variables[name] = info === null ? { type, value } : { type, value, info };
  return variables;
}

/** The variables that it was started with: set by the very record that created it. Undefined: that record is gone. */
function firstVariables(engine: Past, { id, startedIn }: ProcessInstanceView): Record<string, Variable> | undefined {
  if (startedIn !== undefined && startedIn < engine.firstSequence) return undefined;
  for (let after = (startedIn ?? 1) - 1; ; ) {
    const records = engine.records(after, startedIn === undefined ? 1_000 : 1);
    for (const { events, sequence } of records) {
      after = sequence;
      if (!events.some((event) => event.type === 'processInstanceCreated' && event.processInstanceId === id)) continue;
      const set = events.find((event) => event.type === 'variablesSet' && event.scopeId === id);
      return set?.type === 'variablesSet' ? { ...set.variables } : {};
    }
    if (records.length === 0) return undefined;
  }
}

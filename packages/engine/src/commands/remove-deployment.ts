/** Removes deployments and definitions of processes and decisions. */
import { handOverLater } from '../actions/hand-over.ts';
import { openStartEvents, retireStartEvents } from '../actions/start-events.ts';
import type { Turn } from '../actions/turn.ts';
import type { Definition } from '../state/entities.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

export const removeDeployment: CommandHandler<'removeDeployment'> = (
  { deploymentId, withDefinitions = false },
  turn,
) => {
  if (turn.state.deployments.get(deploymentId) === undefined)
    return reject('NOT_FOUND', `deployment ${deploymentId} does not exist`, { deploymentId });
  const definitions = turn.state.definitions.ofDeployment(deploymentId).filter(({ removed }) => removed !== true);
  const decisions = turn.state.decisions.ofDeployment(deploymentId);
  const defined = definitions.length + decisions.length;
  if (defined > 0 && !withDefinitions)
    return reject('INVALID_STATE', `deployment ${deploymentId} defines ${defined} processes or decisions: it stays`, {
      deploymentId,
    });
  for (const definition of definitions) remove(turn, definition);
  for (const { id } of decisions) turn.emit({ type: 'decisionRemoved', decisionDefinitionId: id });
  turn.emit({ type: 'deploymentRemoved', deploymentId });
  return DONE;
};

export const removeDecisions: CommandHandler<'removeDecisions'> = ({ decisionDefinitionIds }, turn) => {
  const ids = [...new Set(decisionDefinitionIds)];
  const unknown = ids.find((id) => turn.state.decisions.get(id) === undefined);
  if (unknown !== undefined)
    return reject('NOT_FOUND', `decision definition ${unknown} does not exist`, { decisionDefinitionId: unknown });
  for (const decisionDefinitionId of ids) turn.emit({ type: 'decisionRemoved', decisionDefinitionId });
  return DONE;
};

export const removeDefinitions: CommandHandler<'removeDefinitions'> = ({ definitionIds }, turn) => {
  const found: Definition[] = [];
  for (const definitionId of new Set(definitionIds)) {
    const definition = turn.state.definitions.get(definitionId);
    if (definition === undefined || definition.removed === true)
      return reject('NOT_FOUND', `process definition ${definitionId} does not exist`, { definitionId });
    found.push(definition);
  }
  // The highest version last: else each would hand its start events on to the next that goes.
  for (const definition of found.toSorted((a, b) => a.version - b.version)) remove(turn, definition);
  return DONE;
};

/** Where it was the latest version, the one before takes over what starts the process. */
function remove(turn: Turn, definition: Definition): void {
  const { definitions } = turn.state;
  const { bpmnProcessId, tenantId } = definition;
  const wasLatest = definitions.latest(bpmnProcessId, tenantId)?.id === definition.id;
  if (wasLatest) retireStartEvents(turn, definition);
  const latest = wasLatest ? before(turn, definition) : undefined;
  turn.emit({
    type: 'definitionRemoved',
    definitionId: definition.id,
    ...(latest === undefined ? {} : { latestId: latest.id }),
  });
  if (latest === undefined) return;
  openStartEvents(turn, latest);
  // What the version that is gone has left to workers.
  for (const { topic } of latest.model.serves ?? []) handOverLater(turn, topic, tenantId);
}

/** The highest version below. */
function before(turn: Turn, { bpmnProcessId, tenantId, version }: Definition): Definition | undefined {
  for (let lower = version - 1; lower > 0; lower -= 1) {
    const found = turn.state.definitions.version(bpmnProcessId, lower, tenantId);
    if (found !== undefined) return found;
  }
  return undefined;
}

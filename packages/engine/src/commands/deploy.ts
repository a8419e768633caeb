/** Deploys resources: a new version of each process, whose start events replace those of the version before. */

import { Fault } from '../actions/fault.ts';
import { openStartEvents, retireStartEvents } from '../actions/start-events.ts';
import { planStart } from '../actions/waits.ts';
import type { CommandOf, ReplyOf } from '../records/commands.ts';
import type { Definition, Deployment } from '../state/entities.ts';
import type { State } from '../state/state.ts';
import { type CommandHandler, reject } from './handler.ts';

export const deploy: CommandHandler<'deploy'> = (command, turn) => {
  const twice = duplicate(command.definitions.map((definition) => definition.model.bpmnProcessId));
  if (twice !== undefined) {
    return reject(
      'INVALID_ARGUMENT',
      `process id '${twice}' occurs twice in this deployment: give each process an id of its own`,
    );
  }
  const unchanged = command.skipUnchanged ? unchangedSince(turn.state, command) : undefined;
  if (unchanged !== undefined) return { ok: true, value: reply(unchanged, []) };
  for (const { model } of command.definitions) {
    for (const elementId of model.startEvents) {
      const wait = planStart(turn, model, elementId);
      if (wait instanceof Fault) return reject('INVALID_ARGUMENT', wait.message, { elementId });
    }
  }
  const deployment: Deployment = {
    id: turn.ids.next(),
    name: command.name,
    source: command.source,
    tenantId: command.tenantId,
    deployedAt: turn.now,
    resources: command.resources,
  };
  turn.emit({ type: 'deploymentCreated', deployment });
  const definitionIds = command.definitions.map(({ model, resourceName, checksum }) => {
    const previous = turn.state.definitions.latest(model.bpmnProcessId, command.tenantId);
    const definition: Definition = {
      id: turn.ids.next(),
      bpmnProcessId: model.bpmnProcessId,
      version: (previous?.version ?? 0) + 1,
      versionTag: model.versionTag ?? null,
      name: model.name ?? null,
      deploymentId: deployment.id,
      resourceName,
      tenantId: command.tenantId,
      deployedAt: turn.now,
      checksum,
      model,
    };
    if (previous !== undefined) retireStartEvents(turn, previous);
    turn.emit({ type: 'processDefined', definition });
    openStartEvents(turn, definition);
    return definition.id;
  });
  return { ok: true, value: reply(deployment, definitionIds) };
};

function reply(deployment: Deployment, definitionIds: readonly number[]): ReplyOf<'deploy'> {
  const { id, deployedAt, name, source, tenantId } = deployment;
  return { deploymentId: id, deployedAt, name, source, tenantId, definitionIds };
}

/** The latest deployment of the same name, when it has exactly these resources. */
function unchangedSince(state: State, command: CommandOf<'deploy'>): Deployment | undefined {
  const latest = state.deployments.latest(command.name, command.tenantId);
  if (latest === undefined || latest.resources.length !== command.resources.length) return undefined;
  const contents = new Map(latest.resources.map((resource) => [resource.name, resource.content]));
  return command.resources.every((resource) => contents.get(resource.name) === resource.content) ? latest : undefined;
}

function duplicate(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}

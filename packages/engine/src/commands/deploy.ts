/** Deploys resources: a new version of each process, whose start events replace those of the version before. */

import { Fault } from '../actions/fault.ts';
import { handOverLater } from '../actions/hand-over.ts';
import { serves } from '../actions/serving.ts';
import { openStartEvents, retireStartEvents } from '../actions/start-events.ts';
import type { Turn } from '../actions/turn.ts';
import { planStart } from '../actions/waits.ts';
import type { CommandOf, ReplyOf } from '../records/commands.ts';
import type { Definition, Deployment } from '../state/entities.ts';
import type { State } from '../state/state.ts';
import { type CommandHandler, reject } from './handler.ts';
import { useApproval } from './identities.ts';

export const deploy: CommandHandler<'deploy'> = (command, turn) => {
  const twice = duplicate(command.definitions.map((definition) => definition.model.bpmnProcessId));
  if (twice !== undefined) {
    return reject(
      'INVALID_ARGUMENT',
      `process id '${twice}' occurs twice in this deployment: give each process an id of its own`,
    );
  }
  const decisionTwice = duplicate((command.decisions ?? []).map((decision) => decision.decisionId));
  if (decisionTwice !== undefined) {
    return reject(
      'INVALID_ARGUMENT',
      `decision id '${decisionTwice}' occurs twice in this deployment: give each decision an id of its own`,
    );
  }
  const unchanged = command.skipUnchanged ? unchangedSince(turn.state, command) : undefined;
  if (unchanged !== undefined) return { ok: true, value: reply(unchanged, [], []) };
  for (const { model } of command.definitions) {
    for (const elementId of model.startEvents) {
      const waits = planStart(turn, model, elementId);
      if (waits instanceof Fault) return reject('INVALID_ARGUMENT', waits.message, { elementId });
    }
  }
  const refused = useApproval(turn, command.approval);
  if (refused !== undefined) return refused;
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
      suspended: command.suspended === true,
    };
    if (previous !== undefined) retireStartEvents(turn, previous);
    turn.emit({ type: 'processDefined', definition });
    openStartEvents(turn, definition);
    declareTopics(turn, definition);
    return definition.id;
  });
  const decisionIds = (command.decisions ?? []).map((decision) => {
    const previous = turn.state.decisions.latest(decision.decisionId, command.tenantId);
    const id = turn.ids.next();
    const { tenantId } = command;
    const version = (previous?.version ?? 0) + 1;
    const placed = { id, version, deploymentId: deployment.id, tenantId, deployedAt: turn.now };
    turn.emit({ type: 'decisionDefined', decision: { ...decision, ...placed } });
    return id;
  });
  return { ok: true, value: reply(deployment, definitionIds, decisionIds) };
};

/** A topic that nobody has chosen a server for is served by the process that declared it first and still does. */
function declareTopics(turn: Turn, { bpmnProcessId, tenantId, model }: Definition): void {
  const { definitions, topicServers } = turn.state;
  for (const { topic } of model.serves ?? []) {
    const known = topicServers.of(topic, tenantId);
    // An earlier version may have left tasks to workers.
    if (known?.bpmnProcessId === bpmnProcessId) handOverLater(turn, topic, tenantId);
    if (known?.chosen === true || known?.bpmnProcessId === bpmnProcessId) continue;
    const before = definitions.latest(known?.bpmnProcessId ?? '', tenantId);
    if (before !== undefined && serves(before.model, topic)) continue;
    const server = { id: known?.id ?? turn.ids.next(), topic, tenantId, bpmnProcessId, chosen: false };
    turn.emit({ type: 'topicServerSet', server });
    handOverLater(turn, topic, tenantId);
  }
}

function reply(
  deployment: Deployment,
  definitionIds: readonly number[],
  decisionDefinitionIds: readonly number[],
): ReplyOf<'deploy'> {
  const { id, deployedAt, name, source, tenantId } = deployment;
  return { deploymentId: id, deployedAt, name, source, tenantId, definitionIds, decisionDefinitionIds };
}

/** The latest deployment of the same name, when it has exactly these resources. */
function unchangedSince(state: State, command: CommandOf<'deploy'>): Deployment | undefined {
  const latest = state.deployments.latest(command.name, command.tenantId);
  if (latest === undefined || latest.resources.length !== command.resources.length) return undefined;
  const before = new Map(latest.resources.map((resource) => [resource.name, resource]));
  const same = command.resources.every(({ name, content, bytes }) => {
    const resource = before.get(name);
    return resource !== undefined && resource.content === content && resource.bytes === bytes;
  });
  return same ? latest : undefined;
}

function duplicate(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}

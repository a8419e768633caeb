/** One readable line per event of the record log. */
import type { EngineEvent, EventOf, EventType, IdentityKind } from '@procos/kernel';

/** How what the event is about is called where people read it. */
export interface Names {
  element(elementId: string): string;
  process(processInstanceId: number): string;
}

type Texts = { readonly [T in EventType]: (event: EventOf<T>, names: Names) => string };

const TEXTS: Texts = {
  deploymentCreated: ({ deployment }) => {
    const files = deployment.resources.map((resource) => resource.name).join(', ');
    return `Deployed ${deployment.name ?? `deployment ${deployment.id}`}: ${files}`;
  },
  processDefined: ({ definition }) => `Process ${definition.bpmnProcessId} is now at version ${definition.version}`,
  decisionDefined: ({ decision }) => `Decision ${decision.decisionId} is now at version ${decision.version}`,
  topicServerSet: ({ server }) =>
    `Topic ${server.topic} is served by ${server.bpmnProcessId === null ? 'workers' : `process ${server.bpmnProcessId}`} from now on`,
  timerRuleSet: ({ rule, definitionId }, names) =>
    `Timers of ${names.element(rule.elementId)} in definition ${definitionId}: ${rule.suspended ? 'they rest' : 'they ring'}${rule.priority === undefined ? '' : `, priority ${rule.priority}`}`,
  definitionRemoved: ({ definitionId }) => `Definition ${definitionId} removed: nobody can start it any more`,
  decisionRemoved: ({ decisionDefinitionId }) => `Decision definition ${decisionDefinitionId} removed`,
  definitionSuspended: ({ definitionId }) => `Definition ${definitionId} suspended: nobody can start it`,
  definitionResumed: ({ definitionId }) => `Definition ${definitionId} resumed`,
  processInstanceCreated: (event, names) => {
    const key = event.businessKey === null ? '' : ` (${event.businessKey})`;
    const parent = event.parentId === null ? '' : `, called by ${names.process(event.parentId)}`;
    return `Started ${event.bpmnProcessId} v${event.version}${key} as ${names.process(event.processInstanceId)}${parent}`;
  },
  rootDesignated: ({ processInstanceId }) => `Instance ${processInstanceId} is PID 1`,
  processInstanceCompleted: ({ processInstanceId }, names) => `Instance ${names.process(processInstanceId)} completed`,
  processInstanceEnded: ({ processInstanceId, how, reason }, names) =>
    `Instance ${names.process(processInstanceId)} was ${how}${because(reason ?? undefined)}`,
  processInstanceSuspended: ({ processInstanceId, reason }, names) =>
    `Instance ${names.process(processInstanceId)} suspended${because(reason)}`,
  processInstanceResumed: ({ processInstanceId, reason }, names) =>
    `Instance ${names.process(processInstanceId)} resumed${because(reason)}`,
  processInstanceMigrated: ({ processInstanceId, bpmnProcessId, version, reason }, names) =>
    `Instance ${names.process(processInstanceId)} follows ${bpmnProcessId} v${version} from now on${because(reason)}`,
  elementActivated: ({ elementId, loopIndex }, names) =>
    `Entered ${names.element(elementId)}${loopIndex === undefined ? '' : ` [${loopIndex}]`}`,
  loopExtended: ({ elementInstanceId }) => `Loop ${elementInstanceId} runs once more`,
  loopPrepared: ({ elementInstanceId }) => `Loop ${elementInstanceId} knows how often it runs`,
  elementCompleted: ({ elementId }, names) => `Completed ${names.element(elementId)}`,
  elementCanceled: ({ elementId }, names) => `Canceled ${names.element(elementId)}`,
  elementRestored: ({ elementInstanceId }) => `Element instance ${elementInstanceId} stands as it stood before`,
  elementMoved: ({ elementId, scopeId }, names) => `${names.element(elementId)} is in scope ${scopeId} from now on`,
  undoStarted: ({ undo }, names) =>
    `Undoing ${undo.activityId === null ? `what scope ${undo.scopeId} has completed` : names.element(undo.activityId)}`,
  eventPartsSeen: ({ eventElementId, parts }, names) =>
    parts.length === 0
      ? `${names.element(eventElementId)} waits for all of its events again`
      : `${parts.length} of the events of ${names.element(eventElementId)} have happened`,
  gatewayRound: ({ elementId, flows }, names) =>
    flows === null ? `Round of ${names.element(elementId)} is over` : `Round of ${names.element(elementId)} began`,
  adHocQueued: ({ queue }) => `${queue.length} activities are still to be started`,
  tokenPlaced: ({ flowId }) => `Placed a token on ${flowId}`,
  tokensDiscarded: ({ scopeId }) => `Discarded the waiting tokens of scope ${scopeId}`,
  variablesSet: ({ variables }) => `Set ${Object.keys(variables).join(', ')}`,
  variablesRemoved: ({ names }) => `Removed ${names.join(', ')}`,
  externalTaskCreated: ({ task }) => `External task ${task.id} on ${task.topic} waits for a worker`,
  externalTaskLocked: ({ externalTaskId, topic, workerId }) =>
    `External task ${externalTaskId} on ${topic} locked by ${workerId}`,
  externalTaskUnlocked: ({ externalTaskId, topic }) => `External task ${externalTaskId} on ${topic} unlocked`,
  externalTaskForbidden: ({ externalTaskId, topic, reason }) =>
    `External task ${externalTaskId} on ${topic} taken back: ${reason}`,
  externalTaskFenced: ({ externalTaskId, topic }) =>
    `External task ${externalTaskId} on ${topic} freed: its locks are of a life of the store that was lost`,
  externalTaskLockExtended: ({ externalTaskId }) => `Lock of external task ${externalTaskId} extended`,
  externalTaskFailed: ({ externalTaskId, topic, retries, errorMessage }) =>
    `External task ${externalTaskId} on ${topic} failed, ${retries} retries left${errorMessage === null ? '' : `: ${errorMessage}`}`,
  externalTaskRetriesSet: ({ externalTaskId, retries }) =>
    `Retries of external task ${externalTaskId} set to ${retries}`,
  externalTaskItemDone: ({ externalTaskId, item, failure, why }) =>
    `External task ${externalTaskId}: item ${item + 1} ${failure === null ? 'done' : `failed: ${failure}`}${why === undefined ? '' : ` (${why})`}`,
  externalTaskSuspended: ({ externalTaskId }) => `External task ${externalTaskId} suspended`,
  externalTaskResumed: ({ externalTaskId }) => `External task ${externalTaskId} resumed`,
  externalTaskPrioritySet: ({ externalTaskId, priority }) =>
    `Priority of external task ${externalTaskId} set to ${priority}`,
  externalTaskCompleted: ({ externalTaskId, workerId }) =>
    `External task ${externalTaskId} completed${workerId === null ? '' : ` by ${workerId}`}`,
  externalTaskCanceled: ({ externalTaskId }) => `External task ${externalTaskId} canceled`,
  userTaskCreated: ({ task }, names) => `User task ${task.id} created: ${task.name ?? names.element(task.elementId)}`,
  userTaskAssigned: ({ userTaskId, assignee }) =>
    assignee === null ? `User task ${userTaskId} given back` : `User task ${userTaskId} assigned to ${assignee}`,
  userTaskUpdated: ({ userTaskId, changes }) => `User task ${userTaskId} updated: ${Object.keys(changes).join(', ')}`,
  userTaskCompleted: ({ userTaskId }) => `User task ${userTaskId} completed`,
  userTaskCanceled: ({ userTaskId }) => `User task ${userTaskId} canceled`,
  noteAdded: ({ note }) => {
    const on = note.userTaskId === null ? 'the instance' : `user task ${note.userTaskId}`;
    return note.kind === 'comment' ? `Comment on ${on}` : `Attachment ${note.name ?? note.id} of ${on}`;
  },
  commentChanged: ({ noteId }) => `Comment ${noteId} changed`,
  noteRemoved: ({ noteId }) => `Note ${noteId} removed`,
  taskFilterSet: ({ filter }) => `Filter ${filter.name} for user tasks set`,
  taskFilterRemoved: ({ filterId }) => `Filter ${filterId} for user tasks removed`,
  timerScheduled: ({ timer }, names) =>
    `Timer ${names.element(timer.elementId)} set for ${new Date(timer.dueAt).toISOString()}`,
  timerTriggered: ({ timerId, next }) =>
    `Timer ${timerId} fired${next === undefined ? '' : `, next at ${new Date(next.dueAt).toISOString()}`}`,
  timerCanceled: ({ timerId }) => `Timer ${timerId} canceled`,
  timerChanged: ({ timerId, dueAt, priority, suspended }) => {
    const what = [
      ...(dueAt === undefined ? [] : [`set for ${new Date(dueAt).toISOString()}`]),
      ...(priority === undefined ? [] : [`priority ${priority}`]),
      ...(suspended === undefined ? [] : [suspended ? 'suspended' : 'resumed']),
    ];
    return `Timer ${timerId} changed: ${what.join(', ')}`;
  },
  timerPrioritySet: ({ timerId, priority }) => `Priority of timer ${timerId} set to ${priority}`,
  limitsSet: ({ target, limits, nice, by, reason }, names) => {
    const whom =
      target.kind === 'instance'
        ? `instance ${names.process(target.processInstanceId)}`
        : target.kind === 'tenant'
          ? `tenant ${target.tenantId}`
          : `process ${target.bpmnProcessId}${target.version === null ? '' : ` v${target.version}`}`;
    const what = Object.entries(limits).map(([kind, value]) => `${kind} ${value ?? 'unlimited'}`);
    if (nice !== undefined) what.push(`nice ${nice ?? 'as before'}`);
    return `Limits of ${whom} set by ${by}: ${what.join(', ')} (${reason})`;
  },
  usageCounted: ({ processInstanceId, steps = 0, createdTasks = 0 }, names) =>
    `Instance ${names.process(processInstanceId)} has used ${steps} steps and ${createdTasks} external tasks more`,
  aiReserved: ({ externalTaskId, tokens }) => `External task ${externalTaskId} may use ${tokens} tokens`,
  aiUsed: ({ externalTaskId, usage }) =>
    `External task ${externalTaskId} has used ${usage.inputTokens + usage.outputTokens} tokens of ${usage.model}`,
  limitCaught: ({ limit, eventElementId }, names) =>
    `Limit ${limit} reached: ${names.element(eventElementId)} takes over`,
  instancesCounted: ({ found }) => `Counted ${found} instances more that were alive when their limit was set`,
  startRefused: ({ definitionId, message }) => `Definition ${definitionId} was not started: ${message}`,
  subscriptionOpened: ({ subscription }) => `Waits for ${subscription.kind} ${subscription.name}`,
  subscriptionClosed: ({ subscriptionId }) => `Subscription ${subscriptionId} closed`,
  messageBuffered: ({ message }) => `Message ${message.name} kept for who comes later`,
  messageTaken: ({ messageId, bpmnProcessId }) => `Message ${messageId} received by ${bpmnProcessId}`,
  messageRemoved: ({ messageId, why }) => `Message ${messageId} ${why}`,
  messageCorrelated: ({ name, processInstanceId, started }, names) =>
    `Message ${name} ${started ? 'started' : 'delivered to'} ${names.process(processInstanceId)}`,
  deploymentRemoved: ({ deploymentId }) => `Removed deployment ${deploymentId}`,
  historyTimeToLiveSet: ({ definitionId, days }) =>
    `History of definition ${definitionId} is kept ${days === null ? 'for good' : `for ${days} days`}`,
  historyRemoved: ({ target }) =>
    `Old history removed${'processInstanceIds' in target ? ` of ${target.processInstanceIds.length} process instances` : ''}`,
  requestAnswered: () => 'Request answered, and the answer kept in case it is asked again',
  identitySet: ({ identity: { kind, name } }) => IDENTITY_TEXTS[kind](name, 'set'),
  identityRemoved: ({ kind, name }) => IDENTITY_TEXTS[kind](name, 'removed'),
  storeRestored: ({ records }) => `Store restored from a backup of ${records} records`,
  clockPinned: ({ at }) => `The clock stands still at ${new Date(at).toISOString()}`,
  clockReset: () => 'The clock follows the wall clock again',
  signalBroadcast: ({ name, reason }) => `Signal ${name} broadcast${because(reason)}`,
  decisionEvaluated: ({ decisionId, version }) => `Evaluated decision ${decisionId} v${version}`,
  warningIssued: ({ elementId, message }, names) => `Warning at ${names.element(elementId)}: ${message}`,
  incidentRaised: ({ incident }, names) =>
    `Incident ${incident.id} at ${names.element(incident.elementId)}: ${incident.message}`,
  incidentAnnotated: ({ incidentId, annotation }) =>
    annotation === null ? `Note about incident ${incidentId} taken away` : `Incident ${incidentId}: ${annotation}`,
  incidentResolved: ({ incidentId }) => `Incident ${incidentId} resolved`,
  recoveryStarted: ({ incidentId, recoveryId }, names) =>
    `Incident ${incidentId} has its recovery: ${names.process(recoveryId)}`,
};

/** Names only: what is kept of a user or token beside them is nobody's business here. */
const IDENTITY_TEXTS: { readonly [K in IdentityKind]: (name: string, how: 'set' | 'removed') => string } = {
  user: (name, how) => `User ${name} ${how}`,
  group: (name, how) => `Group ${name} ${how}`,
  role: (name, how) => `Role ${name} ${how}`,
  token: (name, how) => `Access token ${name.slice(0, 12)} ${how}`,
  rule: (name, how) => `Rule ${name} ${how === 'set' ? 'holds' : 'no longer holds'}`,
  approval: (name, how) => `Approval of ${name.slice(0, 12)} ${how === 'set' ? 'given' : 'used up'}`,
  request: (name, how) => `Change of users ${name.slice(0, 12)} ${how === 'set' ? 'handed in' : 'carried out'}`,
};

function because(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${reason}`;
}

/** An event of a newer engine, which this server does not know, is named. */
export function feedText(event: EngineEvent, names: Names): string {
  const text = TEXTS[event.type] as ((event: EngineEvent, names: Names) => string) | undefined;
  return text ? text(event, names) : event.type;
}

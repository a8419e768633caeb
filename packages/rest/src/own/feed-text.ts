/** One readable line per event of the record log. */
import type { EngineEvent, EventOf, EventType } from '@procos/kernel';

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
  processInstanceCreated: (event, names) => {
    const key = event.businessKey === null ? '' : ` (${event.businessKey})`;
    const parent = event.parentId === null ? '' : `, called by ${names.process(event.parentId)}`;
    return `Started ${event.bpmnProcessId} v${event.version}${key} as ${names.process(event.processInstanceId)}${parent}`;
  },
  rootDesignated: ({ processInstanceId }) => `Instance ${processInstanceId} is PID 1`,
  processInstanceCompleted: ({ processInstanceId }, names) => `Instance ${names.process(processInstanceId)} completed`,
  processInstanceEnded: ({ processInstanceId, how, reason }, names) =>
    `Instance ${names.process(processInstanceId)} was ${how}${reason === null ? '' : `: ${reason}`}`,
  elementActivated: ({ elementId, loopIndex }, names) =>
    `Entered ${names.element(elementId)}${loopIndex === undefined ? '' : ` [${loopIndex}]`}`,
  loopPrepared: ({ elementInstanceId }) => `Loop ${elementInstanceId} knows how often it runs`,
  elementCompleted: ({ elementId }, names) => `Completed ${names.element(elementId)}`,
  elementCanceled: ({ elementId }, names) => `Canceled ${names.element(elementId)}`,
  tokensDiscarded: ({ scopeId }) => `Discarded the waiting tokens of scope ${scopeId}`,
  variablesSet: ({ variables }) => `Set ${Object.keys(variables).join(', ')}`,
  variablesRemoved: ({ names }) => `Removed ${names.join(', ')}`,
  externalTaskCreated: ({ task }) => `External task ${task.id} on ${task.topic} waits for a worker`,
  externalTaskLocked: ({ externalTaskId, topic, workerId }) =>
    `External task ${externalTaskId} on ${topic} locked by ${workerId}`,
  externalTaskUnlocked: ({ externalTaskId, topic }) => `External task ${externalTaskId} on ${topic} unlocked`,
  externalTaskLockExtended: ({ externalTaskId }) => `Lock of external task ${externalTaskId} extended`,
  externalTaskFailed: ({ externalTaskId, topic, retries, errorMessage }) =>
    `External task ${externalTaskId} on ${topic} failed, ${retries} retries left${errorMessage === null ? '' : `: ${errorMessage}`}`,
  externalTaskRetriesSet: ({ externalTaskId, retries }) =>
    `Retries of external task ${externalTaskId} set to ${retries}`,
  externalTaskPrioritySet: ({ externalTaskId, priority }) =>
    `Priority of external task ${externalTaskId} set to ${priority}`,
  externalTaskCompleted: ({ externalTaskId, workerId }) =>
    `External task ${externalTaskId} completed${workerId === null ? '' : ` by ${workerId}`}`,
  externalTaskCanceled: ({ externalTaskId }) => `External task ${externalTaskId} canceled`,
  userTaskCreated: ({ task }, names) => `User task ${task.id} created: ${task.name ?? names.element(task.elementId)}`,
  userTaskAssigned: ({ userTaskId, assignee }) =>
    assignee === null ? `User task ${userTaskId} given back` : `User task ${userTaskId} assigned to ${assignee}`,
  userTaskCompleted: ({ userTaskId }) => `User task ${userTaskId} completed`,
  userTaskCanceled: ({ userTaskId }) => `User task ${userTaskId} canceled`,
  timerScheduled: ({ timer }, names) =>
    `Timer ${names.element(timer.elementId)} set for ${new Date(timer.dueAt).toISOString()}`,
  timerTriggered: ({ timerId, next }) =>
    `Timer ${timerId} fired${next === undefined ? '' : `, next at ${new Date(next.dueAt).toISOString()}`}`,
  timerCanceled: ({ timerId }) => `Timer ${timerId} canceled`,
  subscriptionOpened: ({ subscription }) => `Waits for ${subscription.kind} ${subscription.name}`,
  subscriptionClosed: ({ subscriptionId }) => `Subscription ${subscriptionId} closed`,
  messageBuffered: ({ message }) => `Message ${message.name} kept for who comes later`,
  messageRemoved: ({ messageId, why }) => `Message ${messageId} ${why}`,
  messageCorrelated: ({ name, processInstanceId, started }, names) =>
    `Message ${name} ${started ? 'started' : 'delivered to'} ${names.process(processInstanceId)}`,
  signalBroadcast: ({ name }) => `Signal ${name} broadcast`,
  incidentRaised: ({ incident }, names) =>
    `Incident ${incident.id} at ${names.element(incident.elementId)}: ${incident.message}`,
  incidentResolved: ({ incidentId }) => `Incident ${incidentId} resolved`,
};

/** An event of a newer engine, which this server does not know, is named. */
export function feedText(event: EngineEvent, names: Names): string {
  const text = TEXTS[event.type] as ((event: EngineEvent, names: Names) => string) | undefined;
  return text ? text(event, names) : event.type;
}

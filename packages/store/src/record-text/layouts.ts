/** How the events of a record are laid out in the log: which fields, in which order. Append-only: what was written once is read for ever. */
import type { EventOf, EventType } from '@procos/engine';

/** The process instance that what follows is about: as its distance from the one before. */
export const INSTANCE = 0;
/** Any other identity: as its distance from that process instance. */
export const ID = 1;
/** An instant: as its distance from the instant of the record. */
export const INSTANT = 2;
/** Text that the same record may have had before: then the number of that. */
export const WORD = 3;
export const WORDS = 4;
export const VARIABLES = 5;
export const FLAG = 6;
/** As it is. */
export const AS_IT_IS = 7;

export type Kind = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** Fields in the order in which they are written; an entity has its own. */
export type Layout = readonly { readonly name: string; readonly kind: Kind | Layout }[];

export interface EventLayout {
  readonly type: EventType;
  /** Stands for the type in the log; never given again. */
  readonly code: number;
  readonly fields: Layout;
}

type Entity<T> = { readonly [K in keyof T]?: Kind };
type Fields<T> = { readonly [K in keyof T]?: Kind | Entity<T[K]> };

function event<T extends EventType>(type: T, code: number, fields: Fields<Omit<EventOf<T>, 'type'>>): EventLayout {
  return { type, code, fields: layoutOf(fields) };
}

function layoutOf(fields: object): Layout {
  return Object.entries(fields).map(([name, kind]: [string, Kind | object]) => ({
    name,
    kind: typeof kind === 'number' ? kind : layoutOf(kind),
  }));
}

const inInstance = { processInstanceId: INSTANCE } as const;
const ofElement = { processInstanceId: INSTANCE, elementInstanceId: ID } as const;

/** An event of another type, and one that lacks a field, is written as JSON; fields that may be absent follow by their names. */
export const LAYOUTS: readonly EventLayout[] = [
  event('processInstanceCreated', 1, {
    processInstanceId: INSTANCE,
    definitionId: AS_IT_IS,
    bpmnProcessId: WORD,
    version: AS_IT_IS,
    businessKey: WORD,
    tenantId: WORD,
    rootId: ID,
    parentId: ID,
    parentElementInstanceId: ID,
    startElementId: WORD,
  }),
  event('processInstanceCompleted', 2, inInstance),
  event('processInstanceEnded', 3, { ...inInstance, how: WORD, reason: WORD }),
  event('elementActivated', 4, { ...ofElement, elementId: WORD, scopeId: ID, consumedFlows: WORDS }),
  event('elementCompleted', 5, { ...ofElement, elementId: WORD, takenFlows: WORDS }),
  event('elementCanceled', 6, { ...ofElement, elementId: WORD }),
  event('variablesSet', 7, { ...inInstance, scopeId: ID, variables: VARIABLES }),
  event('variablesRemoved', 8, { ...inInstance, scopeId: ID, names: WORDS }),
  event('externalTaskCreated', 9, {
    task: {
      id: ID,
      topic: WORD,
      processInstanceId: INSTANCE,
      elementInstanceId: ID,
      elementId: WORD,
      definitionId: AS_IT_IS,
      bpmnProcessId: WORD,
      businessKey: WORD,
      tenantId: WORD,
      createdAt: INSTANT,
      priority: AS_IT_IS,
      retries: AS_IT_IS,
      workerId: WORD,
      availableAt: AS_IT_IS,
      lockCount: AS_IT_IS,
      errorMessage: WORD,
      errorDetails: WORD,
      suspended: FLAG,
      errand: AS_IT_IS,
    },
  }),
  event('externalTaskLocked', 10, {
    externalTaskId: ID,
    topic: WORD,
    workerId: WORD,
    lockExpiresAt: INSTANT,
    lockCount: AS_IT_IS,
  }),
  event('externalTaskUnlocked', 11, { externalTaskId: ID, topic: WORD }),
  event('externalTaskCompleted', 12, { ...ofElement, externalTaskId: ID, workerId: WORD }),
  event('externalTaskCanceled', 13, { ...ofElement, externalTaskId: ID }),
  event('externalTaskFailed', 14, {
    ...ofElement,
    externalTaskId: ID,
    topic: WORD,
    errorMessage: WORD,
    errorDetails: WORD,
    retries: AS_IT_IS,
    availableAt: INSTANT,
  }),
  event('externalTaskLockExtended', 15, { externalTaskId: ID, lockExpiresAt: INSTANT }),
  event('externalTaskRetriesSet', 16, { externalTaskId: ID, topic: WORD, retries: AS_IT_IS }),
  event('userTaskCreated', 17, {
    task: {
      id: ID,
      processInstanceId: INSTANCE,
      elementInstanceId: ID,
      elementId: WORD,
      definitionId: AS_IT_IS,
      bpmnProcessId: WORD,
      tenantId: WORD,
      name: WORD,
      createdAt: INSTANT,
      assignee: WORD,
      candidateUsers: WORDS,
      candidateGroups: WORDS,
      dueAt: INSTANT,
      followUpAt: INSTANT,
      priority: AS_IT_IS,
      formKey: WORD,
      formId: WORD,
    },
  }),
  event('userTaskAssigned', 18, { ...ofElement, userTaskId: ID, assignee: WORD }),
  event('userTaskUpdated', 19, { ...ofElement, userTaskId: ID, changes: AS_IT_IS }),
  event('userTaskCompleted', 20, { ...ofElement, userTaskId: ID }),
  event('userTaskCanceled', 21, { ...ofElement, userTaskId: ID }),
  event('timerScheduled', 22, {
    timer: {
      id: ID,
      dueAt: INSTANT,
      repeat: AS_IT_IS,
      definitionId: AS_IT_IS,
      processInstanceId: INSTANCE,
      elementInstanceId: ID,
      elementId: WORD,
      part: AS_IT_IS,
      step: AS_IT_IS,
      priority: AS_IT_IS,
      suspended: FLAG,
    },
  }),
  event('timerTriggered', 23, { timerId: ID }),
  event('timerCanceled', 24, { timerId: ID }),
  event('subscriptionOpened', 25, {
    subscription: {
      id: ID,
      definitionId: AS_IT_IS,
      processInstanceId: INSTANCE,
      elementInstanceId: ID,
      elementId: WORD,
      part: AS_IT_IS,
      kind: WORD,
      name: WORD,
      correlationKey: WORD,
      bpmnProcessId: WORD,
      businessKey: WORD,
      tenantId: WORD,
      createdAt: INSTANT,
    },
  }),
  event('subscriptionClosed', 26, { subscriptionId: ID }),
  event('messageBuffered', 27, {
    message: {
      id: ID,
      name: WORD,
      correlationKey: WORD,
      variables: VARIABLES,
      tenantId: WORD,
      expiresAt: INSTANT,
      once: FLAG,
      takenBy: WORDS,
    },
  }),
  event('messageTaken', 28, { messageId: ID, bpmnProcessId: WORD }),
  event('messageRemoved', 29, { messageId: ID, why: WORD }),
  event('messageCorrelated', 30, { name: WORD, processInstanceId: INSTANCE, elementInstanceId: ID, started: FLAG }),
  event('incidentRaised', 31, {
    incident: {
      id: ID,
      kind: WORD,
      processInstanceId: INSTANCE,
      elementInstanceId: ID,
      elementId: WORD,
      definitionId: AS_IT_IS,
      bpmnProcessId: WORD,
      tenantId: WORD,
      createdAt: INSTANT,
      message: WORD,
      externalTaskId: ID,
      step: AS_IT_IS,
    },
  }),
  event('incidentResolved', 32, { ...ofElement, incidentId: ID }),
  event('requestAnswered', 33, {
    answer: { id: ID, key: WORD, fingerprint: WORD, outcome: AS_IT_IS, expiresAt: INSTANT },
    forgotten: AS_IT_IS,
  }),
  event('loopPrepared', 34, { ...ofElement, total: AS_IT_IS, items: AS_IT_IS, collects: FLAG }),
  event('tokenPlaced', 35, { ...inInstance, scopeId: ID, flowId: WORD }),
  event('tokensDiscarded', 36, { ...inInstance, scopeId: ID }),
  event('gatewayRound', 37, { ...inInstance, scopeId: ID, elementId: WORD, flows: AS_IT_IS, tokens: WORDS }),
  event('eventPartsSeen', 38, { ...ofElement, eventElementId: WORD, parts: AS_IT_IS }),
  event('externalTaskItemDone', 39, { externalTaskId: ID, item: AS_IT_IS, failure: WORD }),
  event('processInstanceSuspended', 40, inInstance),
  event('processInstanceResumed', 41, inInstance),
  event('externalTaskSuspended', 42, { externalTaskId: ID }),
  event('externalTaskResumed', 43, { externalTaskId: ID }),
  event('warningIssued', 44, { ...ofElement, elementId: WORD, message: WORD }),
  event('usageCounted', 45, inInstance),
];

/** What many records have, in few characters: the first is −1. Append-only. */
export const COMMON_WORDS: readonly string[] = [
  ...['Null', 'Boolean', 'Short', 'Integer', 'Long', 'Double', 'Number', 'String', 'Date', 'Bytes', 'File'],
  ...['Object', 'Json', 'Xml'],
  ...['user', 'worker', 'kernel', 'anonymous'],
  ...['createProcessInstance', 'fetchAndLock', 'completeExternalTask', 'completeUserTask', 'correlateMessage'],
  ...['publishMessage', 'broadcastSignal', 'triggerTimer', 'failExternalTask', 'setVariables'],
  ...['message', 'signal', 'condition', 'lock', 'correlated', 'expired', 'canceled', 'terminated'],
];

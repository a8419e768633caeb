/** For tests of this floor: stores of both kinds, and entities and records with every field filled. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'node:test';
import { type Element, MODEL_VERSION, type ProcessModel } from '@procos/bpmn';
import type {
  Answer,
  BufferedMessage,
  DecisionDefinition,
  Definition,
  ElementInstance,
  EngineEvent,
  ExternalTask,
  Incident,
  LogRecord,
  Note,
  ProcessInstance,
  Subscription,
  Timer,
  UserTask,
} from '@procos/engine';
import type { Store, VerifiableStore } from '../contract.ts';
import { createMemoryStore } from '../memory/open.ts';
import { openSqliteStore } from '../sqlite/open.ts';

export interface Opened {
  readonly store: VerifiableStore;
  /** Closes and opens again; memory forgets, so it stays open there. */
  reopen(): VerifiableStore;
  [Symbol.dispose](): void;
}

export function openSqlite(): Opened & { readonly directory: string } {
  const directory = temporaryDirectory();
  let current = openSqliteStore({ directory });
  return {
    directory,
    get store() {
      return current;
    },
    reopen() {
      current.close();
      current = openSqliteStore({ directory });
      return current;
    },
    [Symbol.dispose]() {
      current.close();
      rmSync(directory, { recursive: true });
    },
  };
}

export function openMemory(): Opened {
  const store = createMemoryStore();
  return { store, reopen: () => store, [Symbol.dispose]: () => store.close() };
}

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'procos-store-'));
}

/** The same stories for both kinds of store. */
export function onBothStores(tell: (open: () => Opened) => void): void {
  describe('on SQLite', () => tell(openSqlite));
  describe('in memory', () => tell(openMemory));
}

/** The next record of a store. */
export function recordOf(store: Store, events: readonly EngineEvent[] = [], at: number = store.lastAt): LogRecord {
  return {
    sequence: store.lastSequence + 1,
    at,
    by: { kind: 'user', id: 'ada' },
    command: 'test',
    lastId: store.ids.last,
    events,
  };
}

/** Commits one record with these events. */
export function commit(store: Store, events: readonly EngineEvent[] = [], at?: number): LogRecord {
  const record = recordOf(store, events, at);
  store.commit([record]);
  return record;
}

export function modelOf(bpmnProcessId: string, elements: readonly Element[] = []): ProcessModel {
  const byId: Record<string, Element> = Object.assign(Object.create(null), { __proto__: null });
  for (const element of elements) byId[element.id] = element;
  return {
    modelVersion: MODEL_VERSION,
    bpmnProcessId,
    dialect: 'camunda7',
    startable: true,
    elements: byId,
    flows: Object.create(null),
    startEvents: [],
  };
}

export function definition(fields: Partial<Definition> & { readonly id: number }): Definition {
  const bpmnProcessId = fields.bpmnProcessId ?? 'order';
  return {
    bpmnProcessId,
    version: 1,
    versionTag: null,
    name: null,
    deploymentId: 1,
    resourceName: 'order.bpmn',
    tenantId: null,
    deployedAt: 10,
    checksum: 'c',
    suspended: false,
    model: modelOf(bpmnProcessId),
    ...fields,
  };
}

export function decision(fields: Partial<DecisionDefinition> & { readonly id: number }): DecisionDefinition {
  return {
    decisionId: 'rate',
    version: 1,
    versionTag: null,
    name: null,
    deploymentId: 1,
    resourceName: 'rate.dmn',
    tenantId: null,
    deployedAt: 10,
    checksum: 'c',
    model: { decisions: [{ id: 'rate' }] },
    ...fields,
  };
}

export function instance(fields: Partial<ProcessInstance> & { readonly id: number }): ProcessInstance {
  return {
    definitionId: 1,
    businessKey: null,
    tenantId: null,
    rootId: fields.id,
    parentId: null,
    parentElementInstanceId: null,
    startedAt: 10,
    suspended: false,
    elements: new Map([[fields.id, element({ id: fields.id, elementId: 'order' })]]),
    ...fields,
  };
}

export function element(fields: Partial<ElementInstance> & { readonly id: number }): ElementInstance {
  return {
    elementId: 'task',
    scopeId: null,
    role: 'element',
    variables: new Map(),
    children: 0,
    tokens: new Map(),
    loopIndex: null,
    loop: null,
    externalTaskId: null,
    userTaskId: null,
    calledInstanceId: null,
    timers: new Set(),
    subscriptions: new Set(),
    incidents: new Set(),
    compensations: [],
    undo: null,
    undoneFor: null,
    partsSeen: new Map(),
    rounds: new Map(),
    queue: [],
    ...fields,
  };
}

const WHERE = {
  processInstanceId: 1,
  elementInstanceId: 2,
  elementId: 'task',
  definitionId: 3,
  bpmnProcessId: 'order',
};

export function externalTask(fields: Partial<ExternalTask> & { readonly id: number }): ExternalTask {
  return {
    ...WHERE,
    topic: 'mail',
    businessKey: null,
    tenantId: null,
    createdAt: 10,
    priority: 0,
    retries: null,
    workerId: null,
    availableAt: 0,
    lockCount: 0,
    errorMessage: null,
    errorDetails: null,
    suspended: false,
    errand: null,
    ...fields,
  };
}

export function comment(fields: Partial<Note> & { readonly id: number }): Note {
  return {
    kind: 'comment',
    text: 'Looks fine',
    processInstanceId: 10,
    userTaskId: 12,
    createdAt: 20,
    by: 'ada',
    ...fields,
  } as Note;
}

export function userTask(fields: Partial<UserTask> & { readonly id: number }): UserTask {
  return {
    ...WHERE,
    tenantId: null,
    name: 'Approve',
    createdAt: 10,
    assignee: null,
    candidateUsers: ['ada'],
    candidateGroups: [],
    dueAt: null,
    followUpAt: null,
    priority: 50,
    formKey: null,
    formId: null,
    ...fields,
  };
}

export function timer(fields: Partial<Timer> & { readonly id: number }): Timer {
  const { processInstanceId, elementInstanceId, elementId, definitionId } = WHERE;
  const where = { processInstanceId, elementInstanceId, elementId, definitionId };
  return { ...where, dueAt: 0, repeat: null, part: null, step: null, priority: 0, suspended: false, ...fields };
}

export function subscription(fields: Partial<Subscription> & { readonly id: number }): Subscription {
  return {
    ...WHERE,
    kind: 'message',
    name: 'paid',
    correlationKey: null,
    part: null,
    businessKey: null,
    tenantId: null,
    createdAt: 10,
    ...fields,
  };
}

export function message(fields: Partial<BufferedMessage> & { readonly id: number }): BufferedMessage {
  const rest = { variables: {}, tenantId: null, expiresAt: 100, once: false, takenBy: [] };
  return { name: 'paid', correlationKey: 'k', ...rest, ...fields };
}

export function answer(fields: Partial<Answer> & { readonly id: number }): Answer {
  return { key: 'k', fingerprint: 'f', outcome: { ok: true, value: {} }, expiresAt: 100, ...fields };
}

export function incident(fields: Partial<Incident> & { readonly id: number }): Incident {
  return {
    ...WHERE,
    kind: 'failedExternalTask',
    tenantId: null,
    createdAt: 10,
    message: 'It failed.',
    externalTaskId: null,
    step: null,
    ...fields,
  };
}

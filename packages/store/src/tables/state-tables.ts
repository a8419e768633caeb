/** The tables of the live state: which fields have a column, and how rows are looked up. */
import { reviveModel } from '@procos/bpmn';
import type {
  Answer,
  BufferedMessage,
  Control,
  DecisionDefinition,
  Definition,
  Deployment,
  ExternalTask,
  Identity,
  Incident,
  Note,
  ProcessInstance,
  Subscription,
  TaskFilter,
  Timer,
  TopicServer,
  UserTask,
} from '@procos/engine';
import { decodeInstance, encodeInstance } from '../instance-codec.ts';
import { type Lookup, type Spec, table } from '../spec.ts';

const oldestFirst = [{ column: 'id' }] as const;
const newestFirst = [{ column: 'id', descending: true }] as const;

export const deploymentsByName: Lookup = { equal: ['name', 'tenantId'], order: newestFirst };
export const deployments: Spec<Deployment> = table<Deployment>(
  'deployments',
  { name: 'text', source: 'text', tenantId: 'text', deployedAt: 'integer' },
  { lookups: [deploymentsByName], cacheSize: 100, steady: true },
);

const highestVersionFirst = [{ column: 'version', descending: true }, { column: 'id' }] as const;
export const definitionsByProcess: Lookup = { equal: ['bpmnProcessId', 'tenantId'], order: highestVersionFirst };
export const definitionsByVersion: Lookup = { equal: ['bpmnProcessId', 'tenantId', 'version'], order: oldestFirst };
export const definitionsByTag: Lookup = {
  equal: ['bpmnProcessId', 'tenantId', 'versionTag'],
  order: highestVersionFirst,
};
export const definitionsByDeployment: Lookup = { equal: ['deploymentId'], order: oldestFirst };
export const definitions: Spec<Definition> = table<Definition>(
  'definitions',
  {
    bpmnProcessId: 'text',
    tenantId: 'text',
    version: 'integer',
    versionTag: 'text',
    deploymentId: 'integer',
    suspended: 'boolean',
  },
  {
    lookups: [definitionsByProcess, definitionsByVersion, definitionsByTag, definitionsByDeployment],
    cacheSize: 1_000,
    steady: true,
    revive: (definition) => ({ ...definition, model: reviveModel(definition.model) }),
  },
);

export const decisionsByDecision: Lookup = { equal: ['decisionId', 'tenantId'], order: highestVersionFirst };
export const decisionsByVersion: Lookup = { equal: ['decisionId', 'tenantId', 'version'], order: oldestFirst };
export const decisionsByTag: Lookup = { equal: ['decisionId', 'tenantId', 'versionTag'], order: highestVersionFirst };
export const decisionsByDeployment: Lookup = { equal: ['deploymentId'], order: oldestFirst };
export const decisions: Spec<DecisionDefinition> = table<DecisionDefinition>(
  'decisions',
  {
    decisionId: 'text',
    tenantId: 'text',
    version: 'integer',
    versionTag: 'text',
    name: 'text',
    deploymentId: 'integer',
    resourceName: 'text',
    deployedAt: 'integer',
    checksum: 'text',
  },
  {
    lookups: [decisionsByDecision, decisionsByVersion, decisionsByTag, decisionsByDeployment],
    cacheSize: 1_000,
    steady: true,
  },
);

export const instancesUpTo: Lookup = { equal: [], range: { column: 'id' }, order: newestFirst };
export const instances: Spec<ProcessInstance> = table<ProcessInstance>(
  'instances',
  {},
  { rareLookups: [instancesUpTo], rest: { encode: encodeInstance, decode: decodeInstance } },
);

/** What large instances keep outside their row; see `instance-parts.ts`. */
export interface InstancePart {
  readonly id: number;
  readonly instanceId: number;
  readonly text: string;
}
export const partsOfInstance: Lookup = { equal: ['instanceId'], order: oldestFirst };
export const instanceParts: Spec<InstancePart> = table<InstancePart>(
  'instanceParts',
  { instanceId: 'integer' },
  {
    lookups: [partsOfInstance],
    rest: { encode: ({ text }) => text, decode: (id, text) => ({ id, instanceId: 0, text }) },
  },
);

const notFailed = { column: 'retries', isNot: 0 } as const;
const highestPriorityFirst = { column: 'priority', descending: true } as const;
const awake = { column: 'suspended', is: 0 } as const;
const free = { equal: ['topic'], only: [{ column: 'availableAt', is: 0 }, notFailed, awake], kept: true } as const;
const released = { equal: ['topic'], only: [notFailed, awake], range: { column: 'availableAt', above: 0 } } as const;
type Fetchable = readonly [free: Lookup, released: Lookup];
/** In each order: tasks that nobody holds, and those whose lock or back-off has run out. */
export const fetchableTasks: {
  readonly [by in 'byPriority' | 'byAge']: { readonly oldest: Fetchable; readonly newest: Fetchable };
} = {
  byAge: { oldest: fetchable(oldestFirst), newest: fetchable(newestFirst) },
  byPriority: {
    oldest: fetchable([highestPriorityFirst, ...oldestFirst]),
    newest: fetchable([highestPriorityFirst, ...newestFirst]),
  },
};
function fetchable(order: Lookup['order']): Fetchable {
  return [
    { ...free, order },
    { ...released, order },
  ];
}
/** Of those that are held for a while the first that will not be any more. */
export const nextTaskReleased: Lookup = { ...released, order: [{ column: 'availableAt' }, { column: 'id' }] };
export const tasksReleasedAfter: Lookup = {
  ...nextTaskReleased,
  range: { column: 'availableAt', after: true },
};
/** Free tasks of one definition, those of highest priority first. */
export const freeTasksOf: Lookup = {
  equal: ['topic', 'definitionId'],
  only: free.only,
  order: [highestPriorityFirst, ...oldestFirst],
  kept: true,
};
const greatestDefinitionFirst = { column: 'definitionId', descending: true } as const;
/** Leads from one definition that has some to the next one. */
export const definitionsOfFreeTasks: Lookup = {
  equal: ['topic'],
  only: free.only,
  range: { column: 'definitionId' },
  order: [greatestDefinitionFirst, { column: 'priority' }, ...newestFirst],
};
export const externalTasks: Spec<ExternalTask> = table<ExternalTask>(
  'externalTasks',
  {
    topic: 'text',
    processInstanceId: 'integer',
    elementInstanceId: 'integer',
    elementId: 'text',
    definitionId: 'integer',
    bpmnProcessId: 'text',
    businessKey: 'text',
    tenantId: 'text',
    createdAt: 'integer',
    priority: 'integer',
    retries: 'integer',
    workerId: 'text',
    availableAt: 'integer',
    lockCount: 'integer',
    errorMessage: 'text',
    errorDetails: 'text',
    suspended: 'boolean',
    errand: 'json',
  },
  {
    lookups: [...Object.values(fetchableTasks).flatMap(({ oldest, newest }) => [...oldest, ...newest]), freeTasksOf],
    rareLookups: [definitionsOfFreeTasks, nextTaskReleased, tasksReleasedAfter],
  },
);

export const userTasks: Spec<UserTask> = table<UserTask>('userTasks', {
  processInstanceId: 'integer',
  elementInstanceId: 'integer',
  elementId: 'text',
  definitionId: 'integer',
  bpmnProcessId: 'text',
  tenantId: 'text',
  name: 'text',
  createdAt: 'integer',
  assignee: 'text',
  candidateUsers: 'json',
  candidateGroups: 'json',
  dueAt: 'integer',
  followUpAt: 'integer',
  priority: 'integer',
  formKey: 'text',
  formId: 'text',
});

const ofNoInstance = { column: 'processInstanceId', is: null } as const;

export const timersDue: Lookup = {
  equal: [],
  only: [awake],
  range: { column: 'dueAt' },
  order: [{ column: 'dueAt' }, { column: 'id' }],
  kept: true,
};
export const timersDueOf: Lookup = { ...timersDue, equal: ['definitionId'], kept: false };
/** Leads from one definition that has some to the next one. */
export const definitionsOfTimers: Lookup = {
  equal: [],
  only: [awake],
  range: { column: 'definitionId' },
  order: [greatestDefinitionFirst, { column: 'dueAt', descending: true }, ...newestFirst],
};
export const startTimers: Lookup = { equal: ['definitionId'], only: [ofNoInstance], order: oldestFirst };
export const timers: Spec<Timer> = table<Timer>(
  'timers',
  {
    dueAt: 'integer',
    repeat: 'json',
    definitionId: 'integer',
    processInstanceId: 'integer',
    elementInstanceId: 'integer',
    elementId: 'text',
    part: 'integer',
    step: 'json',
    priority: 'integer',
    suspended: 'boolean',
  },
  { lookups: [timersDue, startTimers, timersDueOf], rareLookups: [definitionsOfTimers] },
);

export const subscriptionsByName: Lookup = { equal: ['name', 'kind'], order: oldestFirst };
export const subscriptionsAfter: Lookup = { ...subscriptionsByName, range: { column: 'id', after: true } };
export const startSubscriptionsByName: Lookup = { ...subscriptionsByName, only: [ofNoInstance] };
export const subscriptionsOfInstance: Lookup = {
  equal: ['name', 'processInstanceId'],
  only: [{ column: 'processInstanceId', isNot: null }],
  order: oldestFirst,
};
export const subscriptionsByBusinessKey: Lookup = {
  equal: ['name', 'businessKey'],
  only: [{ column: 'businessKey', isNot: null }],
  order: oldestFirst,
};
export const subscriptionsByKey: Lookup = {
  equal: ['name', 'correlationKey'],
  only: [{ column: 'correlationKey', isNot: null }],
  order: oldestFirst,
};
export const startSubscriptions: Lookup = { equal: ['definitionId'], only: [ofNoInstance], order: oldestFirst };
export const subscriptions: Spec<Subscription> = table<Subscription>(
  'subscriptions',
  {
    kind: 'text',
    name: 'text',
    correlationKey: 'text',
    definitionId: 'integer',
    bpmnProcessId: 'text',
    processInstanceId: 'integer',
    elementInstanceId: 'integer',
    elementId: 'text',
    businessKey: 'text',
    tenantId: 'text',
    createdAt: 'integer',
    part: 'integer',
  },
  {
    lookups: [
      subscriptionsByName,
      subscriptionsAfter,
      startSubscriptionsByName,
      subscriptionsOfInstance,
      subscriptionsByBusinessKey,
      subscriptionsByKey,
      startSubscriptions,
    ],
  },
);

export const messagesByKey: Lookup = { equal: ['name', 'correlationKey'], order: oldestFirst };
export const messagesExpired: Lookup = {
  equal: [],
  range: { column: 'expiresAt' },
  order: [{ column: 'expiresAt' }, { column: 'id' }],
  kept: true,
};
export const messages: Spec<BufferedMessage> = table<BufferedMessage>(
  'messages',
  { name: 'text', correlationKey: 'text', expiresAt: 'integer', once: 'boolean', takenBy: 'json' },
  { lookups: [messagesByKey, messagesExpired] },
);

export const incidentsOfTask: Lookup = {
  equal: ['externalTaskId'],
  only: [{ column: 'externalTaskId', isNot: null }],
  order: oldestFirst,
};
export const incidents: Spec<Incident> = table<Incident>(
  'incidents',
  {
    kind: 'text',
    processInstanceId: 'integer',
    elementInstanceId: 'integer',
    elementId: 'text',
    definitionId: 'integer',
    bpmnProcessId: 'text',
    tenantId: 'text',
    createdAt: 'integer',
    message: 'text',
    externalTaskId: 'integer',
    step: 'json',
  },
  { lookups: [incidentsOfTask] },
);

export const answersByKey: Lookup = { equal: ['key'], order: oldestFirst };
export const answersExpired: Lookup = {
  equal: [],
  range: { column: 'expiresAt' },
  order: [{ column: 'expiresAt' }, { column: 'id' }],
};
/** Most are never asked for again: few are kept in memory. */
export const answers: Spec<Answer> = table<Answer>(
  'answers',
  { key: 'text', fingerprint: 'text', outcome: 'json', expiresAt: 'integer' },
  { lookups: [answersByKey], rareLookups: [answersExpired], cacheSize: 1_000 },
);

export const identitiesByName: Lookup = { equal: ['kind', 'name'], order: oldestFirst };
export const identitiesOfKind: Lookup = { equal: ['kind'], order: oldestFirst };
export const identities: Spec<Identity> = table<Identity>(
  'identities',
  { kind: 'text', name: 'text' },
  { lookups: [identitiesByName, identitiesOfKind], steady: true },
);

export const topicServersByTopic: Lookup = { equal: ['topic', 'tenantId'], order: oldestFirst };
export const topicServers: Spec<TopicServer> = table<TopicServer>(
  'topicServers',
  { topic: 'text', tenantId: 'text', bpmnProcessId: 'text', chosen: 'boolean' },
  { lookups: [topicServersByTopic], cacheSize: 1_000, steady: true },
);

export const allControls: Lookup = { equal: [], range: { column: 'id' }, order: oldestFirst };
/** Few, and asked for all the time: all of them are in memory. */
export const controls: Spec<Control> = table<Control>(
  'controls',
  { target: 'json', limits: 'json' },
  { rareLookups: [allControls], cacheSize: 1_000_000 },
);

export const notesOfInstance: Lookup = { equal: ['processInstanceId'], order: oldestFirst };
export const anyNote: Lookup = { equal: [], range: { column: 'id' }, order: newestFirst };
export const notes: Spec<Note> = table<Note>(
  'notes',
  { kind: 'text', processInstanceId: 'integer', userTaskId: 'integer', createdAt: 'integer' },
  { lookups: [notesOfInstance], rareLookups: [anyNote], cacheSize: 500 },
);

export const filters: Spec<TaskFilter> = table<TaskFilter>(
  'filters',
  { name: 'text', owner: 'text' },
  { cacheSize: 500 },
);

/** All of them. */
export const STATE = [
  deployments,
  definitions,
  decisions,
  instances,
  instanceParts,
  externalTasks,
  userTasks,
  timers,
  subscriptions,
  messages,
  incidents,
  answers,
  identities,
  topicServers,
  controls,
  notes,
  filters,
] as unknown as readonly Spec<never>[];

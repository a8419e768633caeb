/** The tables of the views: rows that follow the record log and keep what has ended. */
import type {
  DecisionInstanceView,
  DefinitionView,
  ElementInstanceView,
  EndedVisitsView,
  IncidentView,
  ProcessInstanceView,
  VariableView,
  WarningView,
} from '../rows.ts';
import { type Lookup, type Spec, table } from '../spec.ts';

const oldestFirst = [{ column: 'id' }] as const;
/** All rows of a process instance. */
export const ofInstance: Lookup = { equal: ['processInstanceId'], order: oldestFirst };

export const latestDefinition: Lookup = {
  equal: ['bpmnProcessId', 'tenantId'],
  only: [{ column: 'latest', is: 1 }],
  order: oldestFirst,
};
export const definitionViews: Spec<DefinitionView> = table<DefinitionView>(
  'definitionViews',
  {
    bpmnProcessId: 'text',
    version: 'integer',
    versionTag: 'text',
    name: 'text',
    deploymentId: 'integer',
    resourceName: 'text',
    tenantId: 'text',
    deployedAt: 'integer',
    checksum: 'text',
    latest: 'boolean',
    suspended: 'boolean',
  },
  { lookups: [latestDefinition], cacheSize: 1_000 },
);

export const processInstances: Spec<ProcessInstanceView> = table<ProcessInstanceView>(
  'processInstances',
  {
    definitionId: 'integer',
    bpmnProcessId: 'text',
    version: 'integer',
    businessKey: 'text',
    tenantId: 'text',
    state: 'text',
    startedAt: 'integer',
    endedAt: 'integer',
    startElementId: 'text',
    rootId: 'integer',
    parentId: 'integer',
    parentElementInstanceId: 'integer',
    reason: 'text',
    startedBy: 'text',
    incidents: 'integer',
    suspended: 'boolean',
  },
  { cacheSize: 2_000, replaced: true, isOver: ({ endedAt }) => endedAt !== null },
);

/** Over by an instant. */
export const endedElements: Lookup = { ...ofInstance, range: { column: 'endedAt' } };
export const elementInstances: Spec<ElementInstanceView> = table<ElementInstanceView>(
  'elementInstances',
  {
    processInstanceId: 'integer',
    definitionId: 'integer',
    bpmnProcessId: 'text',
    elementId: 'text',
    elementName: 'text',
    elementType: 'text',
    scopeId: 'integer',
    startedAt: 'integer',
    endedAt: 'integer',
    outcome: 'text',
    calledInstanceId: 'integer',
    externalTaskId: 'integer',
    userTaskId: 'integer',
    assignee: 'text',
    loopIndex: 'integer',
    sequence: 'integer',
  },
  {
    rareLookups: [ofInstance, endedElements],
    cacheSize: 2_000,
    replaced: true,
    isOver: ({ endedAt }) => endedAt !== null,
  },
);

export const endedVisits: Spec<EndedVisitsView> = table<EndedVisitsView>(
  'endedVisits',
  {
    definitionId: 'integer',
    bpmnProcessId: 'text',
    elementId: 'text',
    elementName: 'text',
    elementType: 'text',
    outcome: 'text',
    count: 'integer',
  },
  { cacheSize: 1_000, ownIds: true, replaced: true },
);

const live = [{ column: 'live', is: 1 }] as const;
export const variablesByName: Lookup = { equal: ['processInstanceId', 'scopeId', 'name'], order: oldestFirst };
export const liveVariablesOfScope: Lookup = { equal: ['processInstanceId', 'scopeId'], only: live, order: oldestFirst };
export const liveVariablesOfInstance: Lookup = { equal: ['processInstanceId'], only: live, order: oldestFirst };
/** No longer there, and last changed by an instant. */
export const goneVariables: Lookup = {
  ...ofInstance,
  only: [{ column: 'live', is: 0 }],
  range: { column: 'updatedAt' },
};
export const variables: Spec<VariableView> = table<VariableView>(
  'variables',
  {
    processInstanceId: 'integer',
    scopeId: 'integer',
    name: 'text',
    type: 'text',
    value: 'json',
    info: 'json',
    createdAt: 'integer',
    updatedAt: 'integer',
    updatedBy: 'text',
    live: 'boolean',
  },
  {
    lookups: [variablesByName, liveVariablesOfScope, liveVariablesOfInstance],
    rareLookups: [ofInstance, goneVariables],
    cacheSize: 2_000,
    ownIds: true,
    replaced: true,
    isOver: ({ live }) => !live,
  },
);

export const openIncidents: Lookup = {
  equal: ['processInstanceId'],
  only: [{ column: 'resolvedAt', is: null }],
  order: oldestFirst,
};
export const closedIncidents: Lookup = { ...ofInstance, range: { column: 'resolvedAt' } };
export const incidentHistory: Spec<IncidentView> = table<IncidentView>(
  'incidentHistory',
  {
    kind: 'text',
    processInstanceId: 'integer',
    elementInstanceId: 'integer',
    elementId: 'text',
    definitionId: 'integer',
    bpmnProcessId: 'text',
    message: 'text',
    createdAt: 'integer',
    resolvedAt: 'integer',
    state: 'text',
  },
  { lookups: [openIncidents], rareLookups: [ofInstance, closedIncidents], cacheSize: 1_000 },
);

const asked = [{ column: 'processInstanceId', isNot: null }] as const;
export const decisionsOfInstance: Lookup = { ...ofInstance, only: asked };
export const earlierDecisions: Lookup = { ...decisionsOfInstance, range: { column: 'evaluatedAt' } };
/** Evaluations that no process instance asked for. */
export const decisionsAlone: Lookup = {
  equal: ['decisionId', 'decisionDefinitionId'],
  only: [{ column: 'processInstanceId', is: null }],
  range: { column: 'evaluatedAt' },
  order: oldestFirst,
};
export const decisionInstances: Spec<DecisionInstanceView> = table<DecisionInstanceView>(
  'decisionInstances',
  {
    decisionDefinitionId: 'integer',
    decisionId: 'text',
    version: 'integer',
    processInstanceId: 'integer',
    elementInstanceId: 'integer',
    elementId: 'text',
    evaluatedAt: 'integer',
    rootId: 'integer',
    value: 'json',
    trace: 'json',
  },
  { rareLookups: [decisionsOfInstance, earlierDecisions, decisionsAlone], cacheSize: 100, ownIds: true },
);

export const earlierWarnings: Lookup = { ...ofInstance, range: { column: 'at' } };
export const warnings: Spec<WarningView> = table<WarningView>(
  'warnings',
  { processInstanceId: 'integer', elementInstanceId: 'integer', elementId: 'text', message: 'text', at: 'integer' },
  { rareLookups: [ofInstance, earlierWarnings], cacheSize: 100, ownIds: true },
);

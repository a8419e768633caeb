/** Our own face, `/api`: what Camunda's faces lack. */

import { activate } from './activations.ts';
import { reserveAi } from './ai-reservations.ts';
import type { OwnDeclare, ParameterAbout } from './api/contract.ts';
import type { ApiDescription } from './api/document.ts';
import { batchDetail, createBatch, listBatches } from './batches.ts';
import {
  decisionDetail,
  decisionXml,
  draftDecision,
  listDecisions,
  listEvaluations,
  redeployDecisionFile,
} from './decisions.ts';
import {
  checkDefinition,
  definitionDetail,
  definitionXml,
  draftDefinition,
  listDefinitions,
  redeployDefinition,
} from './definitions.ts';
import { createDraft } from './drafts.ts';
import { events } from './events.ts';
import { holdings, listTimers } from './holdings.ts';
import { changeIdentities, listIdentities, listTokens } from './identities.ts';
import { incidentDetail, listIncidents, planRecovery } from './incidents.ts';
import { listLimits, processLimits, setLimits } from './limits.ts';
import { logs } from './logs.ts';
import { publishMessage } from './messages.ts';
import { move, retry, setVariables } from './operations.ts';
import { tellOutcomes } from './outcomes.ts';
import { policyDetail, setPolicy } from './policy.ts';
import { listProcesses, processDetail } from './processes.ts';
import { createRequest } from './requests.ts';
import { chooseService, heartbeat, listServices, noteOutcome, registerService, removeService } from './services.ts';
import { logIn, logOut, who, whoAmI } from './sessions.ts';
import { signalDefinition, signalProcess } from './signals.ts';
import { shutdown, system } from './system.ts';
import { listTasks, taskDetail } from './tasks.ts';
import { chooseServer, listTopics } from './topics.ts';
import { announceWorker, listWorkers, workerLeaves } from './workers.ts';

const LIMIT: ParameterAbout = { about: 'Rows at most; no more than 1,000.', kind: 'whole' };
const OFFSET: ParameterAbout = { about: 'Rows that are left out before.', kind: 'whole' };
const RANGE = { limit: LIMIT, offset: OFFSET };
const DEFINITION: ParameterAbout = { about: 'Only of the process with this id, as the model names it.' };
const ALL: ParameterAbout = { about: 'Every version.', kind: 'flag' };

export function ownRoutes(route: OwnDeclare, description: ApiDescription): void {
  route('GET', '/openapi.json', 'system.read', ({ kernel }) => description.document(kernel.status().version), {
    about: 'This description.',
    answer: 'object',
  });
  route('GET', '/system', 'system.read', system, { about: 'How the system is.', answer: 'SystemStatus' });
  route('GET', '/processes', 'processInstance.read', listProcesses, {
    about: 'Process instances, the newest first.',
    query: {
      state: { about: 'Default: active.', kind: ['active', 'ended', 'all', 'incident'] },
      definition: DEFINITION,
      businessKey: { about: 'Only those with this business key.' },
      ...RANGE,
    },
    answer: 'ProcessList',
  });
  route('GET', '/processes/:pid', 'processInstance.read', processDetail, {
    about: 'One process instance: where it stands, its variables, incidents and warnings.',
    answer: 'ProcessDetail',
  });
  route('POST', '/processes/:pid/activations', 'processInstance.update', activate, {
    about: 'Starts activities inside an ad-hoc sub-process that waits.',
    body: 'ActivationBody',
  });
  route('POST', '/processes/:pid/signals', 'processInstance.signal', signalProcess, {
    about: 'Tells a process, or it and what it has called, to end, rest, go on, or follow another version.',
    body: 'SignalBody',
    answer: 'SignalReply',
  });
  route('POST', '/signals', 'batch.create', signalDefinition, {
    about: 'The same to all running instances of a process, as batches.',
    body: 'SignalAllBody',
    answer: 'SignalsReply',
    status: 201,
  });
  route('GET', '/processes/:pid/holdings', 'processInstance.read', holdings, {
    about: 'What a process waits for, and what others do for it.',
    answer: 'HoldingList',
  });
  route('GET', '/processes/:pid/limits', 'processInstance.read', processLimits, {
    about: 'What holds for a process, the least of each limit.',
    answer: 'ProcessLimits',
  });
  route('GET', '/limits', 'limits.read', listLimits, {
    about: 'What owners have set for definitions and tenants.',
    answer: 'OwnerLimits[]',
  });
  route('POST', '/limits', 'limits.change', setLimits, {
    about: 'Sets limits for a process, a definition or a tenant.',
    body: 'LimitsRequest',
  });
  route('GET', '/timers', 'timer.read', listTimers, {
    about: 'Timers that start processes, the next one first.',
    query: { definition: DEFINITION, ...RANGE },
    answer: 'TimerList',
  });
  route('POST', '/processes/:pid/retries', 'processInstance.update', retry, {
    about: 'What stands in open incidents is tried again.',
    body: 'RetryBody',
    answer: 'RetryReply',
  });
  route('POST', '/processes/:pid/variables', 'processInstance.update', setVariables, {
    about: 'Sets and removes variables.',
    body: 'SetVariablesBody',
  });
  route('POST', '/processes/:pid/moves', 'processInstance.update', move, {
    about: 'Every token at one element starts before another instead.',
    body: 'MoveBody',
    answer: 'MoveReply',
  });
  route('GET', '/batches', 'batch.read', listBatches, {
    about: 'Batches, the newest first.',
    query: { state: { about: 'Default: all.', kind: ['active', 'ended', 'all'] }, ...RANGE },
    answer: 'BatchList',
  });
  route('POST', '/batches', 'batch.create', createBatch, {
    about: 'One operation on all running instances of a process.',
    body: 'BatchBody',
    answer: 'BatchDetail',
    status: 201,
  });
  route('GET', '/batches/:pid', 'batch.read', batchDetail, {
    about: 'One batch with its failures.',
    answer: 'BatchDetail',
  });
  route('POST', '/drafts', 'deployment.create', createDraft, {
    about: 'Keeps files to be deployed by the deployment process.',
    body: { form: 'As for /engine-rest/deployment/create: deployment-name, deployment-source, and the files.' },
    answer: 'DraftReply',
    status: 201,
  });
  route('GET', '/definitions', 'processDefinition.read', listDefinitions, {
    about: 'Processes: their latest versions.',
    query: { all: ALL },
    answer: 'DefinitionList',
  });
  route('POST', '/definitions/check', 'deployment.check', checkDefinition, {
    about: 'What deploying files would say, without doing it.',
    body: 'CheckBody',
    answer: 'CheckReport',
  });
  route('POST', '/definitions/:definitionId/redeploy', 'deployment.create', redeployDefinition, {
    about: 'The version is deployed anew and so becomes the latest one.',
    answer: 'RedeployReply',
  });
  route('POST', '/definitions/:definitionId/draft', 'deployment.create', draftDefinition, {
    about: 'The version is handed in for the deployment process.',
    answer: 'DraftReply',
    status: 201,
  });
  route('GET', '/definitions/:definitionId', 'processDefinition.read', definitionDetail, {
    about: 'One version of a process.',
    answer: 'DefinitionDetail',
  });
  route('GET', '/definitions/:definitionId/xml', 'processDefinition.read', definitionXml, {
    about: 'Its file, as it was deployed.',
    media: ['application/xml', 'text/plain'],
  });
  route('GET', '/incidents', 'incident.read', listIncidents, {
    about: 'Incidents.',
    query: {
      state: { about: 'Default: open.', kind: ['open', 'all'] },
      definition: DEFINITION,
      order: { about: 'First. Default: newest.', kind: ['newest', 'oldest'] },
      ...RANGE,
    },
    answer: 'IncidentList',
  });
  route('GET', '/incidents/:incidentId', 'incident.read', incidentDetail, {
    about: 'One incident, with what the tables of the system say about it.',
    answer: 'IncidentDetail',
  });
  route('POST', '/recovery-plans', 'incident.read', planRecovery, {
    about: 'A dry run of the tables that choose a recovery.',
    body: 'RecoveryFacts',
    answer: 'RecoveryPlanReply',
  });
  route('GET', '/decisions', 'decision.read', listDecisions, {
    about: 'Decisions: their latest versions.',
    query: { all: ALL },
    answer: 'DecisionList',
  });
  route('GET', '/decisions/:decisionDefinitionId', 'decision.read', decisionDetail, {
    about: 'One version of a decision.',
    answer: 'DecisionDetail',
  });
  route('POST', '/decisions/:decisionDefinitionId/redeploy', 'deployment.create', redeployDecisionFile, {
    about: 'The file of this version is deployed anew.',
    answer: 'RedeployedDecisions',
  });
  route('POST', '/decisions/:decisionDefinitionId/draft', 'deployment.create', draftDecision, {
    about: 'The file of this version is handed in for the deployment process.',
    answer: 'DraftReply',
    status: 201,
  });
  route('GET', '/decisions/:decisionDefinitionId/xml', 'decision.read', decisionXml, {
    about: 'Its file, as it was deployed.',
    media: ['application/xml', 'text/plain'],
  });
  route('GET', '/decisions/:decisionDefinitionId/evaluations', 'history.read', listEvaluations, {
    about: 'Its evaluations, the newest first.',
    query: RANGE,
    answer: 'EvaluationList',
  });
  route('GET', '/tasks', 'userTask.read', listTasks, {
    about: 'Open user tasks, the oldest first.',
    query: { assignee: { about: 'Only those of this user.' }, ...RANGE },
    answer: 'TaskList',
  });
  route('GET', '/tasks/:taskId', 'userTask.read', taskDetail, {
    about: 'One user task, with its form and the variables that it sees.',
    answer: 'TaskDetail',
  });
  route('GET', '/topics', 'topic.read', listTopics, {
    about: 'Topics that processes serve, or that somebody has chosen a server for.',
    query: { topic: { about: 'Only this one.' } },
    answer: 'TopicList',
  });
  route('POST', '/topics/:topic', 'topic.update', chooseServer, {
    about: 'Chooses who does the tasks of a topic.',
    body: 'TopicChoice',
    answer: 'TopicRow',
  });
  route('POST', '/external-tasks/outcomes', 'externalTask.complete', tellOutcomes, {
    about: 'What a worker says of many tasks; each counts by itself.',
    body: 'OutcomesBody',
    judgesBody: true,
    answer: 'OutcomesReply',
  });
  route('POST', '/external-tasks/:id/ai-reservation', 'externalTask.extendLock', reserveAi, {
    about: 'A worker says what its AI task will use at most, before it asks.',
    body: 'AiReservation',
    answer: 'AiReservationReply',
  });
  route('GET', '/services', 'service.read', listServices, {
    about: 'Services that have registered.',
    query: { name: { about: 'Only those of this name.' }, tag: { about: 'Only those with this tag.' } },
    answer: 'ServiceList',
  });
  route('POST', '/services', 'service.register', registerService, {
    about: 'Registers a service.',
    body: 'ServiceRegistration',
    answer: 'ServiceLease',
    status: [200, 201],
  });
  route('POST', '/services/choose', 'service.choose', chooseService, {
    about: 'Which instance of a service is to be called next.',
    body: 'ServiceWish',
    answer: 'ChosenService',
  });
  route('POST', '/services/:id/heartbeat', 'service.register', heartbeat, {
    about: 'A service says that it is still there.',
    answer: 'ServiceLease',
  });
  route('POST', '/services/:id/outcomes', 'service.choose', noteOutcome, {
    about: 'What came of a call.',
    body: 'ServiceOutcome',
  });
  route('DELETE', '/services/:id', 'service.register', removeService, { about: 'A service says that it goes.' });
  route('GET', '/workers', 'worker.read', listWorkers, {
    about: 'Who works, the last heard of first.',
    query: { topic: { about: 'Only those of this topic.' } },
    answer: 'WorkerList',
  });
  route('POST', '/workers', 'worker.announce', announceWorker, {
    about: 'What a worker says of itself.',
    body: 'WorkerAnnouncement',
  });
  route('DELETE', '/workers/:workerId', 'worker.announce', workerLeaves, {
    about: 'A worker says that it has ended in order: it is gone, and not silent, until it is heard of again.',
  });
  route('GET', '/policy', 'policy.read', policyDetail, {
    about: 'What the owner lets processes use.',
    answer: 'PolicyDetail',
  });
  route('PUT', '/policy', 'policy.change', setPolicy, {
    about: 'The whole policy anew.',
    body: 'PolicyBody',
    judgesBody: true,
    answer: 'PolicyReply',
  });
  route('POST', '/requests', 'processInstance.create', createRequest, {
    about: 'Hands a process to PID 1, which runs it as a child.',
    body: 'RequestBody',
    answer: 'RequestReply',
    status: 201,
  });
  route('POST', '/messages', 'message.correlate', publishMessage, {
    about: 'Publishes a message by its correlation key.',
    body: 'PublishBody',
    answer: 'PublishReply',
    status: 201,
  });
  route('POST', '/shutdown', 'system.shutdown', shutdown, {
    about: 'Tells PID 1 to shut the system down.',
    body: 'ShutdownBody',
    answer: 'object',
    status: 202,
  });
  route('POST', '/session', 'session.create', logIn, {
    about: 'Logs a browser in.',
    body: 'LoginBody',
    answer: 'SessionReply',
  });
  route('GET', '/session', 'session.read', whoAmI, { about: 'Who asks.', answer: 'SessionReply' });
  route('DELETE', '/session', 'session.delete', logOut, { about: 'Logs out.' });
  route('GET', '/who', 'usage.read', who, {
    about: 'Who has worked with the system since it was started.',
    answer: 'UsageList',
  });
  route('GET', '/identities', 'identity.read', listIdentities, {
    about: 'Users, groups, roles and rules.',
    answer: 'IdentityList',
  });
  route('GET', '/tokens', 'identity.request', listTokens, {
    about: 'Access tokens: the own ones, or all.',
    answer: 'TokenList',
  });
  route('POST', '/identity-changes', 'identity.request', changeIdentities, {
    about: 'Hands in a change of users, groups, roles, tokens or rules.',
    body: 'IdentityChangeRequest',
    judgesBody: true,
    answer: 'IdentityChangeReply',
    status: [200, 201, 202],
  });
  route('GET', '/events', 'record.read', events, {
    about: 'Records of the log as they come (docs/events.md).',
    query: {
      after: { about: 'Behind this record: a sequence, or the id of an event.' },
      pid: { about: 'Only about this process.' },
    },
    media: ['text/event-stream'],
  });
  route('GET', '/logs', 'log.read', logs, {
    about: "Lines of the kernel's log, the oldest first.",
    query: {
      limit: LIMIT,
      offset: OFFSET,
      follow: { about: 'As server-sent events, with those that follow.', kind: 'flag' },
    },
    answer: 'LogList',
    media: ['text/event-stream'],
  });
}

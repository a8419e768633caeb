/** Our own face, `/api`: what Camunda's faces lack. */

import type { Declare } from '../call.ts';
import { activate } from './activations.ts';
import { batchDetail, createBatch, listBatches } from './batches.ts';
import { decisionDetail, decisionXml, listDecisions, listEvaluations, redeployDecisionFile } from './decisions.ts';
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
import { announceWorker, listWorkers } from './workers.ts';

export function ownRoutes(route: Declare): void {
  route('GET', '/system', 'system.read', system);
  route('GET', '/processes', 'processInstance.read', listProcesses);
  route('GET', '/processes/:pid', 'processInstance.read', processDetail);
  route('POST', '/processes/:pid/activations', 'processInstance.update', activate);
  route('POST', '/processes/:pid/signals', 'processInstance.signal', signalProcess);
  route('POST', '/signals', 'batch.create', signalDefinition);
  route('GET', '/processes/:pid/holdings', 'processInstance.read', holdings);
  route('GET', '/processes/:pid/limits', 'processInstance.read', processLimits);
  route('GET', '/limits', 'limits.read', listLimits);
  route('POST', '/limits', 'limits.change', setLimits);
  route('GET', '/timers', 'timer.read', listTimers);
  route('POST', '/processes/:pid/retries', 'processInstance.update', retry);
  route('POST', '/processes/:pid/variables', 'processInstance.update', setVariables);
  route('POST', '/processes/:pid/moves', 'processInstance.update', move);
  route('GET', '/batches', 'batch.read', listBatches);
  route('POST', '/batches', 'batch.create', createBatch);
  route('GET', '/batches/:pid', 'batch.read', batchDetail);
  route('POST', '/drafts', 'deployment.create', createDraft);
  route('GET', '/definitions', 'processDefinition.read', listDefinitions);
  route('POST', '/definitions/check', 'deployment.check', checkDefinition);
  route('POST', '/definitions/:definitionId/redeploy', 'deployment.create', redeployDefinition);
  route('POST', '/definitions/:definitionId/draft', 'deployment.create', draftDefinition);
  route('GET', '/definitions/:definitionId', 'processDefinition.read', definitionDetail);
  route('GET', '/definitions/:definitionId/xml', 'processDefinition.read', definitionXml);
  route('GET', '/incidents', 'incident.read', listIncidents);
  route('GET', '/incidents/:incidentId', 'incident.read', incidentDetail);
  route('POST', '/recovery-plans', 'incident.read', planRecovery);
  route('GET', '/decisions', 'decision.read', listDecisions);
  route('GET', '/decisions/:decisionDefinitionId', 'decision.read', decisionDetail);
  route('POST', '/decisions/:decisionDefinitionId/redeploy', 'deployment.create', redeployDecisionFile);
  route('GET', '/decisions/:decisionDefinitionId/xml', 'decision.read', decisionXml);
  route('GET', '/decisions/:decisionDefinitionId/evaluations', 'history.read', listEvaluations);
  route('GET', '/tasks', 'userTask.read', listTasks);
  route('GET', '/tasks/:taskId', 'userTask.read', taskDetail);
  route('GET', '/topics', 'topic.read', listTopics);
  route('POST', '/topics/:topic', 'topic.update', chooseServer);
  route('POST', '/external-tasks/outcomes', 'externalTask.complete', tellOutcomes);
  route('GET', '/services', 'service.read', listServices);
  route('POST', '/services', 'service.register', registerService);
  route('POST', '/services/choose', 'service.choose', chooseService);
  route('POST', '/services/:id/heartbeat', 'service.register', heartbeat);
  route('POST', '/services/:id/outcomes', 'service.choose', noteOutcome);
  route('DELETE', '/services/:id', 'service.register', removeService);
  route('GET', '/workers', 'worker.read', listWorkers);
  route('POST', '/workers', 'worker.announce', announceWorker);
  route('GET', '/policy', 'policy.read', policyDetail);
  route('PUT', '/policy', 'policy.change', setPolicy);
  route('POST', '/requests', 'processInstance.create', createRequest);
  route('POST', '/messages', 'message.correlate', publishMessage);
  route('POST', '/shutdown', 'system.shutdown', shutdown);
  route('POST', '/session', 'session.create', logIn);
  route('GET', '/session', 'session.read', whoAmI);
  route('DELETE', '/session', 'session.delete', logOut);
  route('GET', '/who', 'usage.read', who);
  route('GET', '/identities', 'identity.read', listIdentities);
  route('GET', '/tokens', 'identity.request', listTokens);
  route('POST', '/identity-changes', 'identity.request', changeIdentities);
  route('GET', '/events', 'record.read', events);
  route('GET', '/logs', 'log.read', logs);
}

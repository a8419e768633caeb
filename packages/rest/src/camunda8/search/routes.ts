/** Searches, and what they found by its key: process instances and what is inside them, definitions, jobs, incidents. */
import type { ProcessEngine, TableName, Tables } from '@procos/kernel';
import type { Call, Declare, Handler } from '../../call.ts';
import { byDefinitionOfError, byError, byProcess, byVersion, byWaiting } from './counts.ts';
import { ELEMENT_INSTANCES, findElementInstance, writeElementInstances } from './element-instances.ts';
import {
  getIncident,
  searchIncidents,
  searchIncidentsOfElement,
  searchIncidentsOfInstance,
  writeIncidents,
} from './incidents.ts';
import { writeJobs } from './jobs.ts';
import { searchJobs } from './jobs-search.ts';
import { MESSAGE_SUBSCRIPTIONS, OF_MESSAGES, writeMessageSubscriptions } from './message-subscriptions.ts';
import { PROCESS_DEFINITIONS, writeProcessDefinitions } from './process-definitions.ts';
import { PROCESS_INSTANCES, writeProcessInstances } from './process-instances.ts';
import { type Found, type SearchSpec, search, type Within } from './search.ts';
import {
  callHierarchy,
  findInstance,
  sequenceFlows,
  statisticsOfDefinition,
  statisticsOfInstance,
} from './statistics.ts';
import { getVariable, isTruncating, VARIABLES, writeVariables } from './variables.ts';

export function searchRoutes(route: Declare): void {
  route('POST', '/process-instances/search', 'processInstance.read', by(PROCESS_INSTANCES, writeProcessInstances));
  route('GET', '/process-instances/:processInstanceKey', 'processInstance.read', (call) => {
    return writeProcessInstances(call.engine, [findInstance(call)])[0];
  });
  ofOneInstance(route);
  route(
    'POST',
    '/process-definitions/search',
    'processDefinition.read',
    by(PROCESS_DEFINITIONS, writeProcessDefinitions),
  );
  const statistics = '/process-definitions/:processDefinitionKey/statistics/element-instances';
  route('POST', statistics, 'processDefinition.read', statisticsOfDefinition);
  countRoutes(route);
  route('POST', '/element-instances/search', 'processInstance.read', by(ELEMENT_INSTANCES, writeElementInstances));
  route('GET', '/element-instances/:elementInstanceKey', 'processInstance.read', (call) => {
    return writeElementInstances(call.engine, [findElementInstance(call)])[0];
  });
  route('POST', '/variables/search', 'variable.read', (call) => {
    const truncate = isTruncating(call);
    return answer(call, search(call.engine, call.body, VARIABLES), (engine, rows) =>
      writeVariables(engine, rows, truncate),
    );
  });
  route('GET', '/variables/:variableKey', 'variable.read', getVariable);
  route('POST', '/jobs/search', 'externalTask.read', async (call) => answer(call, await searchJobs(call), writeJobs));
  route('POST', '/incidents/search', 'incident.read', (call) => answer(call, searchIncidents(call), writeIncidents));
  route('GET', '/incidents/:incidentKey', 'incident.read', getIncident);
  route('POST', '/element-instances/:elementInstanceKey/incidents/search', 'incident.read', (call) =>
    answer(call, searchIncidentsOfElement(call), writeIncidents),
  );
  const ofMessages = by(MESSAGE_SUBSCRIPTIONS, writeMessageSubscriptions, { where: OF_MESSAGES });
  route('POST', '/message-subscriptions/search', 'subscription.read', ofMessages);
}

function countRoutes(route: Declare): void {
  route('POST', '/process-definitions/statistics/process-instances', 'processDefinition.read', byProcess);
  route('POST', '/process-definitions/statistics/process-instances-by-version', 'processDefinition.read', byVersion);
  route('POST', '/process-definitions/statistics/message-subscriptions', 'subscription.read', byWaiting);
  route('POST', '/incidents/statistics/process-instances-by-error', 'incident.read', byError);
  route('POST', '/incidents/statistics/process-instances-by-definition', 'incident.read', byDefinitionOfError);
}

function ofOneInstance(route: Declare): void {
  const one = '/process-instances/:processInstanceKey';
  route('POST', `${one}/incidents/search`, 'incident.read', (call) =>
    answer(call, searchIncidentsOfInstance(call), writeIncidents),
  );
  route('GET', `${one}/sequence-flows`, 'processInstance.read', sequenceFlows);
  route('GET', `${one}/statistics/element-instances`, 'processInstance.read', statisticsOfInstance);
  route('GET', `${one}/call-hierarchy`, 'processInstance.read', callHierarchy);
}

type Writer<Row> = (engine: ProcessEngine, rows: readonly Row[]) => readonly unknown[];

export function by<T extends TableName>(
  spec: SearchSpec<T>,
  write: Writer<Tables[T]>,
  within: Within<Tables[T]> = {},
): Handler {
  return (call) => answer(call, search(call.engine, call.body, spec, within), write);
}

export function answer<Row>({ engine }: Pick<Call, 'engine'>, { rows, page }: Found<Row>, write: Writer<Row>): unknown {
  return { items: write(engine, rows), page };
}

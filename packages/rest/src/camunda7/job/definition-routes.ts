/** `/job-definition`: what timers come from, and what holds for all of one origin. */
import type { TimersOf } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { optionalFlag, optionalText, optionalWhole } from '../body.ts';
import { camundaDefinitionId } from '../definitions.ts';
import { invalid, notFound, RestError, rejected } from '../errors.ts';
import { listRoutes } from '../list-routes.ts';
import { countIn, listIn } from '../memory-list.ts';
import { executionDate, suspendAt } from '../process-definition/operations.ts';
import { suspension } from '../process-instance/operations.ts';
import {
  allJobDefinitions,
  findJobDefinition,
  JOB_DEFINITIONS,
  type JobDefinition,
  jobDefinition,
} from './definitions.ts';
import { changeEach, jobsOfDefinitions, suspendTimers } from './operations.ts';
import { checkRetries } from './retries.ts';

export function jobDefinitionRoutes(route: Declare): void {
  const list = (call: Call) => listIn(call, allJobDefinitions(call.engine), JOB_DEFINITIONS).map(jobDefinition);
  const count = (call: Call) => countIn(call, allJobDefinitions(call.engine), JOB_DEFINITIONS);
  listRoutes(route, '/job-definition', 'timer.read', { list, count, spec: JOB_DEFINITIONS, posts: 'list and count' });
  route('PUT', '/job-definition/suspended', 'timer.update', (call) => suspend(call, ofProcess(call)));
  route('GET', '/job-definition/:id', 'timer.read', (call) => {
    const id = call.params['id'] ?? '';
    const found = findJobDefinition(call.engine, id);
    if (found === undefined) throw notFound(`Job Definition with id ${id} does not exist`);
    return jobDefinition(found);
  });
  route('PUT', '/job-definition/:id/suspended', 'timer.update', (call) => suspend(call, [find(call, 400)]));
  route('PUT', '/job-definition/:id/jobPriority', 'timer.update', setPriority);
  route('PUT', '/job-definition/:id/retries', 'incident.resolve', setRetries);
}

function find({ engine, params }: Call, status: number): JobDefinition {
  const id = params['id'] ?? '';
  const found = findJobDefinition(engine, id);
  if (found !== undefined) return found;
  const why = `Job definition with id '${id}' does not exist`;
  throw status === 404 ? notFound(why) : new RestError(status, 'ProcessEngineException', why);
}

function ofProcess({ engine, body }: Call): readonly JobDefinition[] {
  const id = optionalText(body, 'processDefinitionId');
  const key = optionalText(body, 'processDefinitionKey');
  if ((id === undefined) === (key === undefined))
    throw invalid('Either processDefinitionId or processDefinitionKey should be set to update the suspension state.');
  const tenantId = optionalText(body, 'processDefinitionTenantId');
  const withoutTenant = optionalFlag(body, 'processDefinitionWithoutTenantId') === true;
  return [...allJobDefinitions(engine)].filter(({ definition }) => {
    if (withoutTenant && definition.tenantId !== null) return false;
    if (tenantId !== undefined && definition.tenantId !== tenantId) return false;
    return id === undefined ? definition.bpmnProcessId === key : camundaDefinitionId(definition) === id;
  });
}

/** Timers that are set from now on; with `includeJobs` also those that are set already. */
async function suspend(call: Call, definitions: readonly JobDefinition[]): Promise<undefined> {
  const suspended = suspension(call.body);
  const at = executionDate(call, 'Job Definitions');
  const withInstances = optionalFlag(call.body, 'includeJobs') === true;
  if (at !== undefined) return suspendAt(call, { of: { timersOf: sources(definitions) }, withInstances }, at);
  for (const [index, one] of definitions.entries()) await setRule(call, one, { suspended }, index);
  if (!withInstances) return undefined;
  const ids = definitions.map(({ id }) => id);
  return suspendTimers(call, jobsOfDefinitions(call, ids), suspended);
}

function sources(definitions: readonly JobDefinition[]): readonly TimersOf[] {
  return definitions.map(({ definition, elementId, from }) => ({ definitionId: definition.id, elementId, from }));
}

async function setPriority(call: Call): Promise<undefined> {
  const one = find(call, 404);
  const priority = optionalWhole(call.body, 'priority') ?? null;
  const includeJobs = optionalFlag(call.body, 'includeJobs') === true;
  if (priority === null && includeJobs)
    throw new RestError(
      400,
      'InvalidRequestException',
      'Cannot reset priority for job definition with includeJobs=true',
    );
  await setRule(call, one, { priority });
  if (priority === null || !includeJobs) return undefined;
  return changeEach(call, jobsOfDefinitions(call, [one.id]), { priority });
}

/** To give retries to what has failed is to try it again. */
async function setRetries(call: Call): Promise<undefined> {
  const one = find(call, 500);
  checkRetries(call.body);
  for (const { id: incidentId, kind } of jobsOfDefinitions(call, [one.id])) {
    if (kind !== 'failed') continue;
    const outcome = await call.engineFor(incidentId).submit({ type: 'resolveIncident', incidentId }, call.by);
    if (!outcome.ok && outcome.rejection.code !== 'NOT_FOUND') throw rejected(outcome.rejection);
  }
  return undefined;
}

async function setRule(
  { engineFor, by }: Call,
  { definition, elementId, from }: JobDefinition,
  says: { readonly suspended?: boolean; readonly priority?: number | null },
  item = 0,
): Promise<void> {
  const command = { type: 'setTimerRule', definitionId: definition.id, elementId, from, ...says } as const;
  const outcome = await engineFor(item).submit(command, by);
  if (!outcome.ok) throw rejected(outcome.rejection);
}

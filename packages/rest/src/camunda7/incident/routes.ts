/** `/incident`: what needs a human. */
import type { Incident, ProcessEngine } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { optionalText } from '../body.ts';
import { formatDate } from '../dates.ts';
import { definitionIdText, definitionsOf } from '../definitions.ts';
import { notFound, RestError, rejected } from '../errors.ts';
import * as by from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';
import { jobDefinitionOf, ofJobDefinitions, ofType, typeOf } from './types.ts';

const LIST: by.ListSpec<'incidents'> = {
  table: 'incidents',
  parameters: {
    incidentId: by.equalsId('id'),
    incidentType: ofType,
    incidentMessage: by.equals('message'),
    incidentMessageLike: by.like('message'),
    processDefinitionId: by.definition('definitionId'),
    processDefinitionKeyIn: by.among('bpmnProcessId'),
    processInstanceId: by.equalsId('processInstanceId'),
    executionId: by.equalsId('elementInstanceId'),
    incidentTimestampBefore: by.instant('createdAt', '<'),
    incidentTimestampAfter: by.instant('createdAt', '>'),
    activityId: by.equals('elementId'),
    failedActivityId: by.equals('elementId'),
    causeIncidentId: by.equalsId('id'),
    rootCauseIncidentId: by.equalsId('id'),
    configuration: (parameter) => {
      const asked = by.textOf(parameter);
      return { test: (row) => configurationOf(row) === asked };
    },
    tenantIdIn: by.among('tenantId'),
    jobDefinitionIdIn: ofJobDefinitions,
  },
  sortBy: {
    incidentId: 'id',
    incidentMessage: 'message',
    incidentTimestamp: 'createdAt',
    incidentType: () => typeOf,
    executionId: 'elementInstanceId',
    activityId: 'elementId',
    processInstanceId: 'processInstanceId',
    processDefinitionId: 'definitionId',
    causeIncidentId: 'id',
    rootCauseIncidentId: 'id',
    configuration: () => (row) => configurationOf(row),
    tenantId: 'tenantId',
  },
};

export function incidentRoutes(route: Declare): void {
  listRoutes(route, '/incident', 'incident.read', {
    list: (call) => writeIncidents(call.engine, by.list(call, LIST)),
    count: (call) => by.count(call, LIST),
    spec: LIST,
  });
  route('GET', '/incident/:id', 'incident.read', ({ engine, params }) => {
    const id = params['id'] ?? '';
    const found = engine.find('incidents', { where: [{ column: 'id', op: '=', value: parseId(id) }] });
    if (found.length === 0) throw notFound(`No matching incident with id ${id}`);
    return writeIncidents(engine, found)[0];
  });
  route('DELETE', '/incident/:id', 'incident.resolve', resolve);
  route('PUT', '/incident/:id/annotation', 'incident.update', (call) =>
    annotate(call, optionalText(call.body, 'annotation') ?? null),
  );
  route('DELETE', '/incident/:id/annotation', 'incident.update', (call) => annotate(call, null));
}

async function annotate({ engine, params, by: subject }: Call, annotation: string | null): Promise<undefined> {
  const id = params['id'] ?? '';
  const outcome = await engine.submit({ type: 'annotateIncident', incidentId: parseId(id), annotation }, subject);
  if (outcome.ok) return undefined;
  if (outcome.rejection.code !== 'NOT_FOUND') throw rejected(outcome.rejection);
  throw new RestError(400, 'BadUserRequestException', `Cannot find incident with id ${id}: incident is null`);
}

async function resolve({ engine, params, by: subject }: Call): Promise<undefined> {
  const id = params['id'] ?? '';
  const outcome = await engine.submit({ type: 'resolveIncident', incidentId: parseId(id) }, subject);
  if (outcome.ok) return undefined;
  if (outcome.rejection.code !== 'NOT_FOUND') throw rejected(outcome.rejection);
  throw new RestError(404, 'RestException', `Cannot find an incident with id '${id}'`);
}

export function writeIncidents(engine: ProcessEngine, incidents: readonly Incident[]): readonly unknown[] {
  const definitions = definitionsOf(engine, incidents);
  return incidents.map((incident) => ({
    id: String(incident.id),
    processDefinitionId: definitionIdText(definitions, incident),
    processInstanceId: String(incident.processInstanceId),
    executionId: String(incident.elementInstanceId),
    incidentTimestamp: formatDate(incident.createdAt),
    incidentType: typeOf(incident),
    activityId: incident.elementId,
    failedActivityId: incident.elementId,
    causeIncidentId: String(incident.id),
    rootCauseIncidentId: String(incident.id),
    configuration: configurationOf(incident),
    tenantId: incident.tenantId,
    incidentMessage: incident.message,
    jobDefinitionId: jobDefinitionOf(engine, incident),
    annotation: incident.annotation ?? null,
  }));
}

/** The external task, or the job: a step that waits in an incident has the id of the incident. */
function configurationOf({ id, externalTaskId, step, configuration }: Incident): string | null {
  if (configuration !== undefined) return configuration;
  if (externalTaskId !== null) return String(externalTaskId);
  return step === null ? null : String(id);
}

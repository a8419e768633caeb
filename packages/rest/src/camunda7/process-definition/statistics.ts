/** How many instances of definitions run, of which activities, with how many failed jobs and incidents. */
import type { DefinitionView, Incident, ProcessEngine } from '@procos/kernel';
import type { Call } from '../../call.ts';
import type { ShownDefinition } from '../definitions.ts';
import { isOfType, typeOf } from '../incident/types.ts';
import { processDefinition } from './dto.ts';

/** The statistics of Camunda's DTOs carry the name of their class. */
const PACKAGE = 'org.camunda.bpm.engine.rest.dto.repository';

interface Wanted {
  readonly failedJobs: boolean;
  /** undefined: none; '' all. */
  readonly incidents: string | undefined;
}

function wanted({ query }: Call): Wanted {
  const type = query['incidentsForType'];
  const all = query['incidents'] === 'true' || query['rootIncidents'] === 'true';
  return {
    failedJobs: query['failedJobs'] === 'true',
    incidents: type === undefined ? (all ? '' : undefined) : String(type),
  };
}

function about(found: readonly Incident[], { failedJobs, incidents }: Wanted): Record<string, unknown> {
  const asked = incidents === undefined ? [] : found.filter((one) => incidents === '' || isOfType(one, incidents));
  const types = Map.groupBy(asked, typeOf);
  return {
    failedJobs: failedJobs
      ? found.filter(({ externalTaskId, step }) => externalTaskId === null && step !== null).length
      : 0,
    incidents: Array.from(types, ([incidentType, { length: incidentCount }]) => ({ incidentType, incidentCount })),
  };
}

/** `GET /process-definition/statistics`: of every version that is deployed. */
export function definitionStatistics(call: Call): readonly unknown[] {
  const { engine } = call;
  const asked = wanted(call);
  const needsIncidents = asked.failedJobs || asked.incidents !== undefined;
  const open = Map.groupBy(needsIncidents ? engine.find('incidents') : [], ({ definitionId }) => definitionId);
  return engine.find('definitions').map((definition: DefinitionView) => {
    const shown = processDefinition(engine, definition);
    return {
      '@class': `${PACKAGE}.ProcessDefinitionStatisticsResultDto`,
      id: shown.id,
      instances: engine.count('processInstances', { where: running(definition) }),
      ...about(open.get(definition.id) ?? [], asked),
      definition: shown,
    };
  });
}

function running({ id }: ShownDefinition) {
  return [
    { column: 'definitionId', op: '=', value: id },
    { column: 'endedAt', op: 'isNull' },
  ] as const;
}

/** `GET …/statistics`: of the activities in which something is active, or waits in an incident. */
export function activityStatistics(call: Call, definition: ShownDefinition): readonly unknown[] {
  const { engine } = call;
  const asked = wanted(call);
  const of = { column: 'definitionId', op: '=', value: definition.id } as const;
  const open = Map.groupBy(engine.find('incidents', { where: [of] }), ({ elementId }) => elementId);
  return elementsOf(engine, definition).flatMap((elementId) => {
    const where = [
      of,
      { column: 'elementId', op: '=', value: elementId },
      { column: 'endedAt', op: 'isNull' },
    ] as const;
    const instances = engine.count('elementInstances', { where });
    if (instances === 0 && !open.has(elementId)) return [];
    const counted = about(open.get(elementId) ?? [], asked);
    return [{ '@class': `${PACKAGE}.ActivityStatisticsResultDto`, id: elementId, instances, ...counted }];
  });
}

function elementsOf(engine: ProcessEngine, { id, bpmnProcessId }: ShownDefinition): readonly string[] {
  return Object.keys(engine.model(id)?.elements ?? {}).filter((elementId) => elementId !== bpmnProcessId);
}

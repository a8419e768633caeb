/** Job definitions: what in a model timers are set for, or goes on in a command of its own. They are read from the model. */
import { type ProcessEngine, timerRule } from '@procos/kernel';
import type { ModelElement } from '../../models.ts';
import { camundaDefinitionId, type ShownDefinition } from '../definitions.ts';
import * as of from '../memory-list.ts';

export interface JobDefinition {
  readonly id: string;
  readonly definition: ShownDefinition;
  readonly elementId: string;
  readonly from: 'event' | 'before' | 'after';
  readonly type: string;
  readonly configuration: string;
  readonly suspended: boolean;
  /** null: as the model says. */
  readonly priority: number | null;
}

interface Source {
  readonly definitionId: number;
  readonly elementId: string;
  readonly from: JobDefinition['from'];
}

export function jobDefinitionId({ definitionId, from, elementId }: Source): string {
  return `${definitionId}.${from}.${elementId}`;
}

/** What an id names; undefined when it cannot be one. */
export function sourceOfJobDefinition(id: string): Source | undefined {
  const [, definition, from, elementId] = /^(\d{1,16})\.(event|before|after)\.(.+)$/s.exec(id) ?? [];
  if (definition === undefined || elementId === undefined) return undefined;
  return { definitionId: Number(definition), from: from as Source['from'], elementId };
}

export function findJobDefinition(engine: ProcessEngine, id: string): JobDefinition | undefined {
  const source = sourceOfJobDefinition(id);
  const definition = source === undefined ? undefined : engine.definition(source.definitionId);
  if (definition === undefined || definition.removed === true) return undefined;
  return jobDefinitionsOf(engine, definition).find((one) => one.id === id);
}

export function* allJobDefinitions(engine: ProcessEngine): Generator<JobDefinition> {
  for (const definition of engine.find('definitions')) yield* jobDefinitionsOf(engine, definition);
}

export function jobDefinitionsOf(engine: ProcessEngine, definition: ShownDefinition): readonly JobDefinition[] {
  const kept = engine.definition(definition.id);
  if (kept === undefined) return [];
  return Object.values(kept.model.elements).flatMap((element) =>
    sourcesOf(element).map(({ from, type, configuration }) => {
      const rule = timerRule(kept, { elementId: element.id, from });
      const id = jobDefinitionId({ definitionId: definition.id, from, elementId: element.id });
      const { suspended = false, priority = null } = rule ?? {};
      return { id, definition, elementId: element.id, from, type, configuration, suspended, priority };
    }),
  );
}

type Described = Pick<JobDefinition, 'from' | 'type' | 'configuration'>;

function sourcesOf(element: ModelElement): readonly Described[] {
  const sources: Described[] = [];
  for (const from of ['before', 'after'] as const)
    if (element.async?.[from] === true)
      sources.push({ from, type: 'async-continuation', configuration: `async-${from}` });
  const event = 'event' in element ? element.event : undefined;
  const timers = event?.kind === 'multiple' ? event.events : event === undefined ? [] : [event];
  const timer = timers.find((one) => one.kind === 'timer');
  if (timer?.kind === 'timer')
    sources.push({
      from: 'event',
      type: timerType(element),
      configuration: `${timer.timer.toUpperCase()}: ${timer.value.text}`,
    });
  return sources;
}

function timerType({ type }: ModelElement): string {
  if (type === 'startEvent') return 'timer-start-event';
  return type === 'boundaryEvent' ? 'timer-transition' : 'timer-intermediate-transition';
}

export const JOB_DEFINITIONS: of.MemorySpec<JobDefinition> = {
  parameters: {
    jobDefinitionId: of.is(({ id }) => id),
    activityIdIn: of.isAmong(({ elementId }) => elementId),
    processDefinitionId: of.is(({ definition }) => camundaDefinitionId(definition)),
    processDefinitionKey: of.is(({ definition }) => definition.bpmnProcessId),
    jobType: of.is(({ type }) => type),
    jobConfiguration: of.is(({ configuration }) => configuration),
    active: of.when(({ suspended }) => !suspended),
    suspended: of.when(({ suspended }) => suspended),
    withOverridingJobPriority: of.when(({ priority }) => priority !== null),
    ...of.tenant(({ definition }) => definition.tenantId, 'includeJobDefinitionsWithoutTenantId'),
  },
  sortBy: {
    jobDefinitionId: ({ id }) => id,
    activityId: ({ elementId }) => elementId,
    processDefinitionId: ({ definition }) => definition.id,
    processDefinitionKey: ({ definition }) => definition.bpmnProcessId,
    jobType: ({ type }) => type,
    jobConfiguration: ({ configuration }) => configuration,
    tenantId: ({ definition }) => definition.tenantId,
  },
};

export function jobDefinition(one: JobDefinition): Record<string, unknown> {
  const { definition } = one;
  return {
    id: one.id,
    processDefinitionId: camundaDefinitionId(definition),
    processDefinitionKey: definition.bpmnProcessId,
    jobType: one.type,
    jobConfiguration: one.configuration,
    activityId: one.elementId,
    suspended: one.suspended,
    overridingJobPriority: one.priority,
    tenantId: definition.tenantId,
    deploymentId: String(definition.deploymentId),
  };
}

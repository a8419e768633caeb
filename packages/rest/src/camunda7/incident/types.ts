/** What Camunda calls an incident, and which job definition it belongs to. */
import { type Incident, type IncidentView, type ProcessEngine, sourceOf } from '@procos/kernel';
import { jobDefinitionId, sourceOfJobDefinition } from '../job/definitions.ts';
import { type Filter, type Parameter, textOf, textsOf } from '../list-query.ts';

type Kind = Incident['kind'];
type Kinds = Pick<Incident, 'kind' | 'label' | 'errorCode'>;

const FAILED_JOB = 'failedJob';
const FAILED_EXTERNAL_TASK = 'failedExternalTask';

/** A step that failed, which is the job of the incident. What Camunda has no word for keeps the one it has here. */
const FAILED_STEPS: ReadonlySet<Kind> = new Set<Kind>([
  'expression',
  'unhandledError',
  'calledElement',
  'runaway',
  'noOutgoingFlow',
  'timer',
  'message',
  'decision',
]);

/** Who raises one himself says its type. */
export function typeOf({ kind, label, errorCode }: Kinds): string {
  if (label !== undefined) return label;
  // A worker has reported an error that nobody catches: its task has no attempts left.
  if (kind === 'unhandledError' && errorCode !== undefined) return FAILED_EXTERNAL_TASK;
  return FAILED_STEPS.has(kind) ? FAILED_JOB : kind;
}

/** By Camunda's word, or by the one that it has here and at `/api/incidents`. */
export function isOfType(row: Kinds, asked: string): boolean {
  return typeOf(row) === asked || (row.label === undefined && row.kind === asked);
}

export const ofType = (parameter: Parameter): Filter<Kinds> => {
  const asked = textOf(parameter);
  return { test: (row) => isOfType(row, asked) };
};

/** The open ones. */
export function openOfType(parameter: Parameter): readonly Incident[] {
  const { test = () => true } = ofType(parameter);
  return parameter.engine.find('incidents').filter(test);
}

type Places = Pick<IncidentView, 'definitionId' | 'elementId'>;

/** Incidents of the elements that the job definitions are of. */
export const ofJobDefinitions = (parameter: Parameter): Filter<Places> => {
  const sources = textsOf(parameter).map(sourceOfJobDefinition);
  return {
    test: ({ definitionId, elementId }) =>
      sources.some((source) => source?.definitionId === definitionId && source.elementId === elementId),
  };
};

/** null: what failed is no step of an asynchronous continuation. */
export function jobDefinitionOf(engine: ProcessEngine, { definitionId, elementId, step }: Incident): string | null {
  const from = sourceOf(step);
  if (step === null || from === 'event') return null;
  const element = engine.model(definitionId)?.elements[elementId];
  return element?.async?.[from] === true ? jobDefinitionId({ definitionId, elementId, from }) : null;
}

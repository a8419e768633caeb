/** What Camunda calls an incident, and which job definition it belongs to. */
import { type Incident, type IncidentView, type ProcessEngine, sourceOf } from '@procos/kernel';
import { jobDefinitionId, sourceOfJobDefinition } from '../job/definitions.ts';
import { type Filter, type Parameter, textOf, textsOf } from '../list-query.ts';

type Kinds = Pick<Incident, 'kind' | 'label'>;
/** The incidents of Camunda that are not of external tasks and that nobody has raised himself. */
const FAILED_JOB = 'failedJob';

/** Who raises one himself says its type; of the others it says more than Camunda's `failedJob`. */
export function typeOf({ kind, label }: Kinds): string {
  return label ?? kind;
}

/** By what it is called here, or by `failedJob`: all that is neither of an external task nor raised by somebody. */
export const ofType = (parameter: Parameter): Filter<Kinds> => {
  const asked = textOf(parameter);
  return {
    test: (row) =>
      typeOf(row) === asked || (asked === FAILED_JOB && row.kind !== 'failedExternalTask' && row.kind !== 'custom'),
  };
};

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

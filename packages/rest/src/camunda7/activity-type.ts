/** The names that Camunda's activity instances give to what stands in a model. */
import type { ElementInstanceView, ProcessEngine } from '@procos/kernel';
import type { ModelElement } from '../models.ts';

/** e.g. `userTask`, `noneEndEvent`, `boundaryTimer`, `intermediateMessageCatch`; coarser when the model is not at hand. */
export function activityTypeOf(engine: ProcessEngine, row: ElementInstanceView): string {
  if (row.elementType === 'multiInstanceBody') return 'multiInstanceBody';
  const element = engine.model(row.definitionId)?.elements[row.elementId];
  return element === undefined ? plainType(row.elementType) : modelType(element);
}

function plainType(type: string): string {
  if (type === 'expressionTask') return 'serviceTask';
  if (type === 'eventSubProcess') return 'subProcess';
  if (type === 'endEvent') return 'noneEndEvent';
  return type;
}

function modelType(element: ModelElement): string {
  switch (element.type) {
    case 'expressionTask':
      return element.drawnAs;
    case 'startEvent':
      return element.event.kind === 'none' ? 'startEvent' : `${element.event.kind}StartEvent`;
    case 'endEvent':
      return `${element.event.kind}EndEvent`;
    case 'boundaryEvent':
      return `boundary${capital(element.event.kind)}`;
    case 'intermediateCatchEvent':
      return `intermediate${capital(element.event.kind)}${element.event.kind === 'timer' ? '' : 'Catch'}`;
    case 'intermediateThrowEvent':
      return `intermediate${capital(element.event.kind)}Throw`;
    default:
      return plainType(element.type);
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

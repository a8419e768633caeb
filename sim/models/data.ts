/** BPMN's own data: objects that an activity reads and writes by associations. */
import type { Scope } from './draft.ts';
import { type Tag, tag } from './xml.ts';

/** Data objects beside the flow, as input and output of the activity. */
export function dataOf(scope: Scope, id: string): readonly Tag[] {
  const reference = (name: string) => {
    const dataObject = scope.add(tag('bpmn:dataObject', { id: `${id}_${name}Data` }));
    return scope.add(tag('bpmn:dataObjectReference', { id: `${id}_${name}`, name, dataObjectRef: dataObject }));
  };
  const [source, target] = [reference('n'), reference('x')];
  return [
    tag(
      'bpmn:ioSpecification',
      { id: `${id}_io` },
      tag('bpmn:dataInput', { id: `${id}_in`, name: 'given' }),
      tag('bpmn:dataOutput', { id: `${id}_out`, name: 'result' }),
      tag('bpmn:inputSet', {}, tag('bpmn:dataInputRefs', {}, `${id}_in`)),
      tag('bpmn:outputSet', {}, tag('bpmn:dataOutputRefs', {}, `${id}_out`)),
    ),
    tag(
      'bpmn:dataInputAssociation',
      { id: `${id}_reads` },
      tag('bpmn:sourceRef', {}, source),
      tag('bpmn:targetRef', {}, `${id}_in`),
    ),
    tag(
      'bpmn:dataOutputAssociation',
      { id: `${id}_writes` },
      tag('bpmn:sourceRef', {}, `${id}_out`),
      tag('bpmn:targetRef', {}, target),
    ),
  ];
}

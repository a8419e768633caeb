/** Short forms for models that a story writes down itself. */

/** Sequence flows along the named elements: `flows('a b c')` leads from a to b to c. */
export function flows(...ways: readonly string[]): string {
  return ways
    .map((way) => way.split(' '))
    .flatMap((names) => names.slice(1).map((name, index) => flow(names[index] ?? '', name)))
    .join('');
}

export function flow(source: string, target: string, condition = ''): string {
  const inside =
    condition === ''
      ? ''
      : `<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">${condition}</bpmn:conditionExpression>`;
  return `<bpmn:sequenceFlow id="${source}_${target}" sourceRef="${source}" targetRef="${target}">${inside}</bpmn:sequenceFlow>`;
}

export function element(type: string, id: string, inside = '', attributes = ''): string {
  return `<bpmn:${type} id="${id}" ${attributes}>${inside}</bpmn:${type}>`;
}

/** An external task whose topic is its id. */
export function work(id: string, inside = '', attributes = ''): string {
  return element('serviceTask', id, inside, `camunda:type="external" camunda:topic="${id}" ${attributes}`);
}

/** `event('signal', 'ref')`: an event definition that refers to a root element. */
export function event(kind: string, ref = '', inside = ''): string {
  return `<bpmn:${kind}EventDefinition ${ref === '' ? '' : `${kind}Ref="${ref}"`}>${inside}</bpmn:${kind}EventDefinition>`;
}

export function timer(kind: 'timeDuration' | 'timeCycle' | 'timeDate', text: string): string {
  return event('timer', '', `<bpmn:${kind} xsi:type="bpmn:tFormalExpression">${text}</bpmn:${kind}>`);
}

/** A root element that events refer to: its id is its name, and its code where it has one. */
export function named(kind: 'message' | 'signal' | 'error' | 'escalation', id: string): string {
  const code = kind === 'error' || kind === 'escalation' ? `${kind}Code="${id}"` : '';
  return `<bpmn:${kind} id="${id}" name="${id}" ${code} />`;
}

/** The models that engines are compared with: a one task, b three tasks and a gateway, c fork and join, u one user task, x one external task. */
const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="http://procos.dev/bench">`;

function model(id: string, elements: string, flows: readonly (readonly [string, string, string?])[]): string {
  const drawn = flows.map(([from, to, condition]) => {
    const inside =
      condition === undefined
        ? ''
        : `<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">${condition}</bpmn:conditionExpression>`;
    return `<bpmn:sequenceFlow id="${from}_${to}" sourceRef="${from}" targetRef="${to}">${inside}</bpmn:sequenceFlow>`;
  });
  return `${HEAD}<bpmn:process id="${id}" isExecutable="true"><bpmn:startEvent id="start" />${elements}${drawn.join('')}</bpmn:process></bpmn:definitions>`;
}

/** `condition` is the peer's or our own way to say that variable `amount` is above 100. */
export function models(condition: string): Readonly<Record<'a' | 'b' | 'c', string>> {
  return {
    a: model('a', '<bpmn:task id="t" /><bpmn:endEvent id="end" />', [
      ['start', 't'],
      ['t', 'end'],
    ]),
    b: model(
      'b',
      '<bpmn:task id="t1" /><bpmn:task id="t2" /><bpmn:task id="t3" /><bpmn:exclusiveGateway id="x" default="x_small" /><bpmn:endEvent id="big" /><bpmn:endEvent id="small" />',
      [
        ['start', 't1'],
        ['t1', 't2'],
        ['t2', 't3'],
        ['t3', 'x'],
        ['x', 'big', condition],
        ['x', 'small'],
      ],
    ),
    c: model(
      'c',
      '<bpmn:parallelGateway id="fork" /><bpmn:task id="t1" /><bpmn:task id="t2" /><bpmn:parallelGateway id="join" /><bpmn:endEvent id="end" />',
      [
        ['start', 'fork'],
        ['fork', 't1'],
        ['fork', 't2'],
        ['t1', 'join'],
        ['t2', 'join'],
        ['join', 'end'],
      ],
    ),
  };
}

export const EXTERNAL: string = model(
  'x',
  '<bpmn:serviceTask id="work" camunda:type="external" camunda:topic="bench" /><bpmn:endEvent id="end" />',
  [
    ['start', 'work'],
    ['work', 'end'],
  ],
);

export const USER: string = model('u', '<bpmn:userTask id="work" /><bpmn:endEvent id="end" />', [
  ['start', 'work'],
  ['work', 'end'],
]);

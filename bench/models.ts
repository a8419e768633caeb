/** The models of the scenarios: a one task, b three tasks and a gateway, c fork and join, u one user task, x one external task; what waits; what is long. */
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

/** Waits until the instant in variable `due`. */
export const TIMER: string = model(
  'timer',
  '<bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition id="until"><bpmn:timeDate xsi:type="bpmn:tFormalExpression">${due}</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent><bpmn:endEvent id="end" />',
  [
    ['start', 'wait'],
    ['wait', 'end'],
  ],
);

const MESSAGE =
  '<bpmn:intermediateCatchEvent id="wait"><bpmn:messageEventDefinition id="paid" messageRef="message" /></bpmn:intermediateCatchEvent><bpmn:endEvent id="end" />';
const WAIT_TO_END = [
  ['start', 'wait'],
  ['wait', 'end'],
] as const;

/** Waits for message `paid`; Camunda 7: which instance is meant is said by its business key. */
export const CORRELATED: string = model('correlated', MESSAGE, WAIT_TO_END).replace(
  '<bpmn:process',
  '<bpmn:message id="message" name="paid" /><bpmn:process',
);

/** Waits for message `paid`; Camunda 8: which instance is meant is said by variable `orderId`. */
export const PUBLISHED: string = model('published', MESSAGE, WAIT_TO_END).replace(
  '<bpmn:process',
  '<bpmn:message id="message" name="paid"><bpmn:extensionElements><zeebe:subscription correlationKey="=orderId" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" /></bpmn:extensionElements></bpmn:message><bpmn:process',
);

/** So many tasks one after the other. */
export function chain(id: string, tasks: number): string {
  const names = Array.from({ length: tasks }, (_, index) => `task_${index + 1}`);
  const all = ['start', ...names, 'end'];
  return model(
    id,
    `${names.map((name, index) => `<bpmn:serviceTask id="${name}" name="Step ${index + 1} of the order" camunda:type="external" camunda:topic="step-${index + 1}" />`).join('')}<bpmn:endEvent id="end" />`,
    all.slice(1).map((name, index) => [all[index] ?? '', name] as const),
  );
}

/** One automatic task, once for each of `items`; `until`: asked after each, and ends the loop. */
export function loop(id: string, sequential: boolean, items: number, until?: string): string {
  const condition =
    until === undefined
      ? ''
      : `<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">${until}</bpmn:completionCondition>`;
  return model(
    id,
    `<bpmn:task id="each"><bpmn:multiInstanceLoopCharacteristics isSequential="${sequential}"><bpmn:loopCardinality xsi:type="bpmn:tFormalExpression">${items}</bpmn:loopCardinality>${condition}</bpmn:multiInstanceLoopCharacteristics></bpmn:task><bpmn:endEvent id="end" />`,
    [
      ['start', 'each'],
      ['each', 'end'],
    ],
  );
}

/** A script whose value is `sum`; where it is not `expected`, somebody has to look. */
export function script(source: string, expected: number): string {
  return model(
    'scripted',
    `<bpmn:scriptTask id="compute" scriptFormat="javascript" camunda:resultVariable="sum"><bpmn:script>${source}</bpmn:script></bpmn:scriptTask><bpmn:exclusiveGateway id="right" default="right_wrong" /><bpmn:userTask id="wrong" /><bpmn:endEvent id="end" />`,
    [
      ['start', 'compute'],
      ['compute', 'right'],
      ['right', 'end', `\${sum == ${expected}}`],
      ['right', 'wrong'],
    ],
  );
}

/** The same script so many times at once, in one instance. */
export function scriptLoop(source: string, items: number): string {
  return model(
    'looped',
    `<bpmn:scriptTask id="each" scriptFormat="javascript"><bpmn:script>${source}</bpmn:script><bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality xsi:type="bpmn:tFormalExpression">${items}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics></bpmn:scriptTask><bpmn:endEvent id="end" />`,
    [
      ['start', 'each'],
      ['each', 'end'],
    ],
  );
}

/** A script alone, as bpmn-engine reads it. */
export function peerScript(source: string): string {
  return model(
    'scripted',
    `<bpmn:scriptTask id="compute" scriptFormat="javascript"><bpmn:script>${source}</bpmn:script></bpmn:scriptTask><bpmn:endEvent id="end" />`,
    [
      ['start', 'compute'],
      ['compute', 'end'],
    ],
  );
}

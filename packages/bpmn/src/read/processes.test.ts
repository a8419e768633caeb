/** Reading whole files: both dialects into one graph, and never an exception whatever the file is. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { ElementOf, ElementType, Expression, ProcessModel } from '../model.ts';
import { readProcesses } from './processes.ts';
import { reviveModel } from './revive.ts';

function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8');
}

async function model(name: string): Promise<ProcessModel> {
  const { processes, problems } = await readProcesses(fixture(name));
  assert.deepEqual(
    problems.filter((problem) => problem.severity === 'error'),
    [],
  );
  const [process] = processes;
  assert.ok(process);
  return process;
}

function element<T extends ElementType>(process: ProcessModel, id: string, type: T): ElementOf<T> {
  const found = process.elements[id];
  assert.equal(found?.type, type, id);
  return found as ElementOf<T>;
}

const literal = (text: string): Expression => ({ language: 'literal', text });
const juel = (text: string): Expression => ({ language: 'juel', text });
const feel = (text: string): Expression => ({ language: 'feel', text });
const source = (expression: Expression) => ({ kind: 'expression', expression });

describe('a file in which nothing is executable', () => {
  test('defines nothing, global tasks neither, and says so in a warning', async () => {
    const { processes, problems } = await readProcesses(
      `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d"><globalUserTask id="g" name="g" />
       <process id="p"><startEvent id="s" /><serviceTask id="t" /></process></definitions>`,
    );
    assert.deepEqual(processes, []);
    assert.deepEqual(
      problems.map(({ severity, rule, line }) => [severity, rule, line]),
      [['warning', 'no-executable-process', 2]],
    );
  });
});

describe('a model of Camunda 7', async () => {
  const order = await model('camunda7-order.bpmn');

  test('deploys without historyTimeToLive and keeps its version tag', () => {
    assert.equal(order.historyTimeToLive, undefined);
    assert.equal(order.versionTag, '1.2');
    assert.equal(order.startable, false);
    assert.equal(order.dialect, 'camunda7');
    assert.deepEqual(order.startEvents, ['ordered']);
  });

  test('knows what goes in and out, what is attached, and the line of every element', () => {
    const reserve = element(order, 'reserve', 'serviceTask');
    assert.deepEqual(reserve.incoming, ['f1']);
    assert.deepEqual(reserve.outgoing, ['f2']);
    assert.deepEqual(reserve.boundaryEvents, ['soldOut', 'slow']);
    const lines = fixture('camunda7-order.bpmn').split('\n');
    for (const { id, line } of Object.values(order.elements))
      assert.match(lines[line - 1] ?? '', new RegExp(`id="${id}"`));
  });

  test('external tasks have topic, priority, properties for the worker and error mappings', () => {
    const reserve = element(order, 'reserve', 'serviceTask');
    assert.deepEqual(reserve.work, {
      topic: juel(`reserve-\${kind}`),
      priority: juel('#{amount}'),
      headers: Object.assign(Object.create(null), { retries: '5' }),
    });
    assert.deepEqual(reserve.errorMappings, [
      { code: literal('SOLD_OUT'), condition: juel(`\${externalTask.errorMessage == 'none left'}`) },
    ]);
    const done = element(order, 'done', 'endEvent').event;
    assert.deepEqual(done.kind === 'message' && done.work, { topic: literal('notify'), priority: literal('7') });
  });

  test('input mappings may be text, expressions, lists and maps; an empty one is null', () => {
    assert.deepEqual(element(order, 'reserve', 'serviceTask').inputs, [
      { target: 'fixed', source: source(literal('text')) },
      { target: 'nothing', source: source(juel(`\${null}`)) },
      {
        target: 'list',
        source: {
          kind: 'list',
          items: [
            source(literal('one')),
            source(juel(`\${amount}`)),
            { kind: 'list', items: [source(literal('inner'))] },
          ],
        },
      },
      {
        target: 'map',
        source: {
          kind: 'map',
          entries: [
            { key: 'k', value: source(literal('v')) },
            { key: 'nested', value: { kind: 'map', entries: [] } },
          ],
        },
      },
    ]);
  });

  test('events say what they wait for or throw', () => {
    const soldOut = element(order, 'soldOut', 'boundaryEvent');
    assert.equal(soldOut.interrupting, true);
    assert.deepEqual(soldOut.event, {
      kind: 'error',
      code: literal('SOLD_OUT'),
      message: literal('nothing left'),
      codeVariable: 'code',
      messageVariable: 'message',
    });
    const slow = element(order, 'slow', 'boundaryEvent');
    assert.equal(slow.interrupting, false);
    assert.deepEqual(slow.event, { kind: 'timer', timer: 'cycle', value: literal('R3/PT1H') });
    assert.deepEqual(element(order, 'reminded', 'endEvent').event, {
      kind: 'signal',
      name: literal('slow'),
      inAll: true,
    });
    assert.deepEqual(element(order, 'paid', 'intermediateCatchEvent').event, {
      kind: 'message',
      name: literal('paid'),
    });
    assert.deepEqual(element(order, 'packEnd', 'endEvent').event, { kind: 'terminate' });
  });

  test('tasks in place, forms, people and loops', () => {
    const total = element(order, 'total', 'expressionTask');
    assert.deepEqual(
      [total.drawnAs, total.expression, total.resultVariable],
      ['serviceTask', juel(`\${amount * 2}`), 'total'],
    );
    assert.deepEqual(element(order, 'script', 'scriptTask').script, { format: 'javascript', source: '6 * 7' });
    const approve = element(order, 'approve', 'userTask');
    assert.deepEqual(approve.user.candidateGroups, literal('sales,accounting'));
    assert.deepEqual(approve.user.formKey, literal('embedded:app:forms/approve.html'));
    assert.deepEqual(approve.loop, {
      kind: 'multiInstance',
      sequential: true,
      collection: juel(`\${approvers}`),
      elementVariable: 'boss',
      completionCondition: juel(`\${rejected}`),
    });
    assert.deepEqual(element(order, 'ordered', 'startEvent').form?.formFields?.[1]?.values, [
      { id: 'a', name: 'First' },
      { id: 'b', name: 'b' },
    ]);
  });

  test('a call passes what it names, in both directions, and its business key', () => {
    assert.deepEqual(element(order, 'ship', 'callActivity').called, {
      processId: literal('shipping'),
      binding: 'deployment',
      businessKey: juel('#{execution.processBusinessKey}'),
      inAll: false,
      in: [
        { target: 'quantity', source: source(feel('amount')) },
        { target: 'sum', source: source(juel(`\${total + 1}`)) },
      ],
      outAll: true,
      out: [],
    });
  });

  test('scopes know their start and their event sub-processes', () => {
    const root = element(order, 'order', 'process');
    assert.equal(root.startEventId, 'ordered');
    assert.deepEqual(root.eventSubProcesses, ['onCancel']);
    assert.equal(element(order, 'pack', 'subProcess').startEventId, 'packStart');
    assert.equal(element(order, 'onCancel', 'eventSubProcess').startEventId, 'cancelRequested');
    assert.equal(element(order, 'cancelRequested', 'startEvent').interrupting, false);
    assert.equal(element(order, 'wrap', 'manualTask').scopeId, 'pack');
  });

  test('gateways and flows carry defaults and conditions', () => {
    assert.equal(element(order, 'large', 'exclusiveGateway').defaultFlow, 'no');
    assert.deepEqual(order.flows['yes']?.condition, juel(`\${amount > 100}`));
    assert.equal(order.flows['no']?.condition, undefined);
  });

  test('survives storage as JSON, with records that inherit nothing', () => {
    const revived = reviveModel(JSON.parse(JSON.stringify(order)));
    assert.deepEqual(JSON.stringify(revived), JSON.stringify(order));
    assert.equal(Object.getPrototypeOf(revived.elements), null);
    assert.equal(Object.getPrototypeOf(revived.flows), null);
    assert.equal(revived.elements['constructor'], undefined);
  });
});

describe('a model of Camunda 8', async () => {
  const order = await model('camunda8-order.bpmn');

  test('keeps its version tag', () => {
    assert.equal(order.dialect, 'camunda8');
    assert.equal(order.versionTag, '2.0');
  });

  test('jobs have type, retries, priority and headers; three attempts unless it says otherwise', () => {
    assert.deepEqual(element(order, 'reserve', 'serviceTask').work, {
      topic: feel('"reserve-" + kind'),
      retries: literal('5'),
      priority: feel('amount'),
      headers: Object.assign(Object.create(null), { method: 'POST' }),
    });
    assert.deepEqual(element(order, 'remind', 'sendTask').work, { topic: literal('remind'), retries: literal('3') });
  });

  test('mappings may lead to a path', () => {
    assert.deepEqual(element(order, 'reserve', 'serviceTask').inputs, [
      { target: 'order.amount', source: source(feel('amount')) },
      { target: 'text', source: source(literal('fixed')) },
    ]);
  });

  test('user tasks bring their embedded form, people and loop', () => {
    const approve = element(order, 'approve', 'userTask');
    assert.deepEqual(approve.user, {
      assignee: feel('boss'),
      candidateGroups: literal('sales'),
      dueDate: feel('due'),
      priority: literal('60'),
      embeddedForm: '{"components":[]}',
    });
    assert.deepEqual(approve.loop, {
      kind: 'multiInstance',
      sequential: false,
      collection: feel('approvers'),
      elementVariable: 'boss',
      completionCondition: feel('rejected'),
      outputCollection: 'answers',
      outputElement: feel('approved'),
    });
    assert.equal(element(order, 'ordered', 'startEvent').form?.formId, 'order-form');
  });

  test('calls pass all variables in both directions unless told otherwise', () => {
    const { called } = element(order, 'ship', 'callActivity');
    assert.deepEqual([called.inAll, called.outAll], [true, false]);
    assert.deepEqual([called.binding, called.versionTag], ['versionTag', literal('1.0')]);
  });

  test('messages are found by correlation key, timers and scripts are FEEL', () => {
    assert.deepEqual(element(order, 'paid', 'intermediateCatchEvent').event, {
      kind: 'message',
      name: literal('paid'),
      correlationKey: feel('orderId'),
    });
    assert.deepEqual(element(order, 'late', 'intermediateCatchEvent').event, {
      kind: 'timer',
      timer: 'duration',
      value: feel('duration(patience)'),
    });
    const total = element(order, 'total', 'expressionTask');
    assert.deepEqual([total.drawnAs, total.expression], ['scriptTask', feel('amount * 2')]);
    assert.deepEqual(order.flows['yes']?.condition, feel('amount > 100'));
  });
});

describe('odd files', () => {
  const minimal = (inside: string, root = '') =>
    `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d"><process id="p" isExecutable="true">
<startEvent id="s" />${inside}</process>${root}</definitions>`;

  test('a flow that was drawn without incoming and outgoing lists is still a flow', async () => {
    const { processes } = await readProcesses(
      minimal('<task id="t" /><sequenceFlow id="f" sourceRef="s" targetRef="t" />'),
    );
    assert.deepEqual(processes[0]?.elements['t']?.incoming, ['f']);
  });

  for (const id of ['constructor', '__proto__', 'toString']) {
    test(`${id} is an id like any other`, async () => {
      const xml = minimal(`<task id="${id}" /><sequenceFlow id="f" sourceRef="s" targetRef="${id}" />`);
      const { processes } = await readProcesses(xml);
      assert.equal(processes[0]?.flows['f']?.target, id);
      assert.equal(processes[0]?.elements[id]?.id, id);
    });
  }

  test('an event definition of the root is found by its reference', async () => {
    const { processes } = await readProcesses(
      minimal(
        '<intermediateCatchEvent id="wait"><eventDefinitionRef>go</eventDefinitionRef></intermediateCatchEvent>',
        '<signal id="signal" name="go now" /><signalEventDefinition id="go" signalRef="signal" />',
      ),
    );
    const wait = processes[0]?.elements['wait'];
    assert.deepEqual(wait?.type === 'intermediateCatchEvent' && wait.event, {
      kind: 'signal',
      name: literal('go now'),
    });
  });

  test('a FEEL script in a plain file is an expression', async () => {
    const { processes } = await readProcesses(
      minimal('<scriptTask id="t" scriptFormat="feel"><script>=1 + 1</script></scriptTask>'),
    );
    const task = processes[0]?.elements['t'];
    assert.deepEqual(task?.type === 'expressionTask' && task.expression, feel('1 + 1'));
  });

  test('a process that is not executable does not keep its neighbour from being deployed', async () => {
    const { processes } = await readProcesses(minimal('', '<process id="partner"><complexGateway id="c" /></process>'));
    assert.deepEqual(
      processes.map((process) => process.bpmnProcessId),
      ['p'],
    );
  });

  test('a file without any extension has the expressions of the platform that it was drawn for', async () => {
    const root = (platform: string) => `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
      xmlns:modeler="http://camunda.org/schema/modeler/1.0" modeler:executionPlatform="${platform}">
      <process id="p" isExecutable="true"><startEvent id="s" /></process></definitions>`;
    for (const [platform, dialect] of [
      ['Camunda Cloud', 'camunda8'],
      ['Camunda Platform', 'camunda7'],
    ] as const)
      assert.equal((await readProcesses(root(platform))).processes[0]?.dialect, dialect);
  });

  test('nesting without end is refused, not followed', async () => {
    const deep = '<subProcess>'.repeat(5000) + '</subProcess>'.repeat(5000);
    const { problems } = await readProcesses(minimal(deep));
    assert.deepEqual(
      problems.map((problem) => problem.rule),
      ['malformed-xml'],
    );
  });

  for (const text of ['', '   ', 'no xml', '<', '<a', '<a>', '{"json":true}', '\0\0', '<?xml version="1.0"?>']) {
    test(`${JSON.stringify(text)} is a problem, not an exception`, async () => {
      const { processes, problems } = await readProcesses(text);
      assert.deepEqual(processes, []);
      assert.ok(problems.some((problem) => problem.severity === 'error'));
    });
  }

  test('two hundred random changes to a file never throw', async () => {
    const random = generator(20260131);
    for (const name of ['camunda7-order.bpmn', 'camunda8-order.bpmn']) {
      const bytes = new TextEncoder().encode(fixture(name));
      for (let round = 0; round < 100; round += 1) {
        const changed = bytes.slice();
        for (let count = 0; count < 3; count += 1) changed[random(bytes.length)] = random(256);
        const { processes, problems } = await readProcesses(new TextDecoder().decode(changed));
        assert.ok(processes.length > 0 || problems.some((problem) => problem.severity === 'error'), `round ${round}`);
      }
    }
  });
});

/** The same numbers on every run (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

describe('the interchange files of the BPMN Model Interchange Working Group', () => {
  const folder = new URL('../../../../../shared/data/miwg/', import.meta.url);
  const present = existsSync(folder);
  const skip =
    present || process.env['PROCOS_REQUIRE_ALL'] === '1'
      ? false
      : 'the files are not here: git clone https://github.com/bpmn-miwg/bpmn-miwg-test-suite and copy Reference/*.bpmn to ../shared/data/miwg';

  test('each yields processes or says why not', { skip }, async () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.bpmn'));
    assert.ok(names.length > 0);
    for (const name of names) {
      const { processes, problems } = await readProcesses(readFileSync(new URL(name, folder), 'utf8'));
      const why = problems.some(({ severity, rule }) => severity === 'error' || rule === 'no-executable-process');
      assert.ok(processes.length > 0 || why, name);
    }
  });
});

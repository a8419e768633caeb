/** What each construct of BPMN becomes in the graph, in both dialects: the files of fixtures/accepted. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { ElementOf, ElementType, Expression, Problem, ProcessModel } from '../model.ts';
import { type ReadOptions, readProcesses } from './processes.ts';

const folder = new URL('../../fixtures/accepted/', import.meta.url);
const DELEGATES: ReadOptions = {
  delegates: { 'org.example.Work': 'java-work', 'http-connector': 'http', [`\${listener}`]: 'listen' },
};

async function read(name: string, options?: ReadOptions) {
  return readProcesses(readFileSync(new URL(`${name}.bpmn`, folder), 'utf8'), options);
}

async function model(name: string, options?: ReadOptions): Promise<ProcessModel> {
  const [process] = (await read(name, options)).processes;
  assert.ok(process);
  return process;
}

function element<T extends ElementType>(process: ProcessModel, id: string, type: T): ElementOf<T> {
  const found = process.elements[id];
  assert.equal(found?.type, type, id);
  return found as ElementOf<T>;
}

function messages(problems: readonly Problem[]): string[] {
  return problems.map(({ rule, message }) => `${rule}: ${message}`);
}

const literal = (text: string): Expression => ({ language: 'literal', text });
const juel = (text: string): Expression => ({ language: 'juel', text });
const feel = (text: string): Expression => ({ language: 'feel', text });
const javascript = (text: string): Expression => ({ language: 'script', format: 'javascript', text });
const from = (expression: Expression) => ({ kind: 'expression', expression });
const headers = (entries: Record<string, string>) => Object.assign(Object.create(null), entries);

for (const name of readdirSync(folder)) {
  test(`${name} is accepted without a warning that is not expected`, async () => {
    const { processes, problems } = await read(name.replace('.bpmn', ''), DELEGATES);
    assert.ok(processes.length > 0);
    const expected = name === 'data.bpmn' ? ['setting-without-effect'] : [];
    assert.deepEqual(
      problems.map(({ rule }) => rule).filter((rule) => rule !== 'bpmnlint/fake-join'),
      expected,
      messages(problems).join('\n'),
    );
  });
}

describe('events', async () => {
  const process = await model('events');
  const eight = await model('events-c8');

  test('a condition says which variable it looks at, and at which of its changes', () => {
    assert.deepEqual(element(process, 'enough', 'intermediateCatchEvent').event, {
      kind: 'conditional',
      condition: juel(`\${amount > 3}`),
      variableName: 'amount',
      variableEvents: ['create', 'update'],
    });
    assert.deepEqual(element(eight, 'enough', 'intermediateCatchEvent').event, {
      kind: 'conditional',
      condition: feel('amount > 3'),
      variableName: 'amount',
      variableEvents: ['update'],
    });
    assert.deepEqual(process.startEvents, ['start', 'whenever']);
  });

  test('a filter of several variables looks at every change', () => {
    assert.deepEqual(element(eight, 'either', 'intermediateCatchEvent').event, {
      kind: 'conditional',
      condition: feel('amount > limit'),
    });
  });

  test('several definitions are a multiple event, of which any or all have to happen', () => {
    const { event } = element(process, 'all', 'intermediateCatchEvent');
    assert.deepEqual(event, {
      kind: 'multiple',
      parallel: true,
      events: [
        { kind: 'signal', name: literal('go') },
        { kind: 'timer', timer: 'duration', value: literal('PT1H') },
      ],
    });
  });

  test('an escalation has a code when thrown, and may catch every code', () => {
    const late = { kind: 'escalation', code: literal('LATE') };
    assert.deepEqual(element(process, 'told', 'intermediateThrowEvent').event, late);
    assert.deepEqual(element(process, 'work_end', 'endEvent').event, late, 'by a definition of the root');
    const caught = element(process, 'escalated', 'boundaryEvent');
    assert.deepEqual([caught.event, caught.interrupting], [{ kind: 'escalation', codeVariable: 'code' }, false]);
    assert.deepEqual(element(eight, 'end', 'endEvent').event, { kind: 'escalation', code: feel('"LATE-" + kind') });
  });

  test('an error interrupts also as one of several events', () => {
    const boundary = element(process, 'failed_or_late', 'boundaryEvent');
    assert.equal(boundary.interrupting, true);
    const [error] = boundary.event.kind === 'multiple' ? boundary.event.events : [];
    assert.deepEqual(error, { kind: 'error', codeVariable: 'errorCode', messageVariable: 'errorMessage' });
  });

  test('links have a name', () => {
    assert.deepEqual(element(process, 'jump', 'intermediateThrowEvent').event, { kind: 'link', name: 'there' });
    assert.deepEqual(element(process, 'land', 'intermediateCatchEvent').event, { kind: 'link', name: 'there' });
  });
});

describe('activities', () => {
  test('what a transaction has done is undone by the handlers associated with it', async () => {
    const process = await model('transaction');
    assert.equal(element(process, 'trip', 'transaction').startEventId, 'trip_start');
    assert.equal(element(process, 'book', 'task').compensationHandler, 'unbook');
    assert.equal(element(process, 'unbook', 'task').forCompensation, true);
    const booked = element(process, 'booked', 'boundaryEvent');
    assert.deepEqual([booked.event, booked.interrupting], [{ kind: 'compensation', waitForCompletion: true }, true]);
    assert.deepEqual(element(process, 'no_trip', 'endEvent').event, { kind: 'cancel' });
    assert.deepEqual(element(process, 'cancelled', 'boundaryEvent').event, { kind: 'cancel' });
    assert.deepEqual(element(process, 'undone', 'endEvent').event, {
      kind: 'compensation',
      activityId: 'trip',
      waitForCompletion: false,
    });
  });

  test('an ad-hoc sub-process has an order and a condition that completes it', async () => {
    const some = element(await model('ad-hoc'), 'some', 'adHocSubProcess');
    assert.deepEqual(
      [some.sequential, some.cancelRemaining, some.completionCondition, some.startEventId],
      [true, false, juel(`\${enough}`), undefined],
    );
  });

  test('an ad-hoc sub-process of Camunda 8 names what runs and collects results', async () => {
    const some = element(await model('ad-hoc-c8'), 'some', 'adHocSubProcess');
    assert.deepEqual([some.sequential, some.cancelRemaining], [false, true]);
    assert.deepEqual(
      [some.activeElements, some.outputCollection, some.outputElement],
      [feel('chosen'), 'results', feel('result')],
    );
  });

  test('gateways and receive tasks that begin instances are start events', async () => {
    const process = await model('gateways');
    assert.deepEqual(process.startEvents, ['ordered', 'paid', 'asked']);
    const either = element(process, 'either', 'eventBasedGateway');
    assert.deepEqual([either.instantiate, either.parallel], [true, true]);
    assert.equal(element(process, 'ordered', 'receiveTask').instantiate, true);
    assert.equal(element(process, 'asked', 'receiveTask').instantiate, false);
  });

  test('a complex gateway has its condition, a task its quantities of tokens', async () => {
    const process = await model('gateways');
    const gateway = element(process, 'two_of_three', 'complexGateway');
    assert.deepEqual(gateway.activationCondition, juel(`\${activationCount >= 2}`));
    assert.equal(gateway.defaultFlow, 'flow_two_of_three_end');
    const twice = element(process, 'twice', 'task');
    assert.deepEqual([twice.startQuantity, twice.completionQuantity], [2, 3]);
    assert.equal('startQuantity' in element(process, 'asked', 'receiveTask'), false, 'one is left out');
  });

  test('a decision is called by id and binding, and says what becomes of its result', async () => {
    const seven = await model('decisions');
    assert.deepEqual(element(seven, 'dish', 'decisionTask').decision, {
      decisionId: juel(`dish-\${season}`),
      binding: 'version',
      version: literal('2'),
      map: 'singleEntry',
      resultVariable: 'dish',
    });
    assert.equal(element(seven, 'plain', 'decisionTask').decision.map, 'resultList');
    assert.deepEqual(element(await model('decisions-c8'), 'dish', 'decisionTask').decision, {
      decisionId: feel('"dish-" + season'),
      binding: 'versionTag',
      versionTag: literal('1.0'),
      map: 'value',
      resultVariable: 'dish',
    });
  });

  test('global tasks are processes of one task, which can only be called', async () => {
    const { processes } = await read('global-tasks');
    assert.deepEqual(
      processes.map(({ bpmnProcessId, startable, startEvents }) => [bpmnProcessId, startable, startEvents]),
      ['double', 'ask', 'carry', 'any'].map((id) => [id, false, [`${id}_start`]]),
    );
    const [double, ask] = processes;
    assert.ok(double && ask);
    const task = element(double, 'double_task', 'scriptTask');
    assert.deepEqual(task.script, { format: 'javascript', source: '2 * amount' });
    assert.deepEqual([task.line, task.name, task.scopeId], [3, 'Double it', 'double']);
    assert.deepEqual(double.flows[task.outgoing[0] ?? '']?.target, 'double_end');
    element(ask, 'ask_task', 'userTask');
  });
});

describe('loops', async () => {
  const process = await model('loops');
  const go = { kind: 'signal', name: literal('go') };

  test('a standard loop has its condition and its maximum', () => {
    assert.deepEqual(element(process, 'standard', 'task').loop, {
      kind: 'standard',
      testBefore: true,
      condition: juel(`\${more}`),
      maximum: literal('5'),
    });
  });

  test('instances throw events as the behavior says', () => {
    const behavior = (id: string) => {
      const { loop } = element(process, id, 'task');
      return loop?.kind === 'multiInstance' ? loop.behavior : undefined;
    };
    assert.deepEqual(behavior('first_tells'), { kind: 'one', event: go });
    assert.deepEqual(behavior('some_tell'), {
      kind: 'complex',
      when: [{ condition: juel(`\${nrOfCompletedInstances == 2}`), event: go }],
    });
    assert.equal(behavior('by_data'), undefined);
  });

  test('items come from the data object behind the data input, results go to the one behind the output', () => {
    const task = element(process, 'by_data', 'task');
    assert.deepEqual(task.loop, {
      kind: 'multiInstance',
      sequential: true,
      collection: feel('orders'),
      elementVariable: 'row',
      outputCollection: 'invoices',
      outputElement: feel('result'),
    });
    assert.deepEqual([task.inputs, task.outputs], [undefined, undefined], 'and are not copied for every instance');
  });
});

describe('what goes with an element', () => {
  test('data associations are mappings: copied, transformed or assigned', async () => {
    const check = element(await model('data'), 'check', 'task');
    assert.deepEqual(check.inputs, [
      { target: 'given', source: from(feel('order')) },
      { target: 'sum', source: from(juel(`\${order.a + order.b}`)) },
      { target: 'tax', source: from(juel(`\${order.tax}`)) },
    ]);
    assert.deepEqual(check.outputs, [{ target: 'archive', source: from(feel('made')) }]);
  });

  test('listeners, continuations, retry cycles and priorities of Camunda 7', async () => {
    const process = await model('accompanied');
    const root = element(process, 'process', 'process');
    assert.deepEqual(root.listeners, [{ event: 'start', action: from(juel(`\${begun}`)) }]);
    assert.deepEqual(element(process, 'start', 'startEvent').async, { before: true, after: false });
    const work = element(process, 'work', 'serviceTask');
    assert.deepEqual(work.async, { before: false, after: true });
    assert.deepEqual(work.retryCycle, literal('R3/PT10M'));
    assert.deepEqual(work.jobPriority, juel(`\${priority}`));
    assert.deepEqual(work.listeners, [{ event: 'end', action: from(javascript('note()')) }]);
    const ask = element(process, 'ask', 'userTask');
    assert.deepEqual(ask.jobPriority, literal('7'), 'that of the process');
    assert.deepEqual(ask.taskListeners, [
      { event: 'create', action: from(juel(`\${made}`)) },
      { event: 'cancel', action: from(juel(`\${gone}`)) },
    ]);
    assert.deepEqual(process.flows['first']?.listeners, [from(juel(`\${taken}`))]);
  });

  test('listeners of Camunda 8 are work', async () => {
    const process = await model('accompanied-c8');
    const work = (topic: Expression, retries: string) => ({ kind: 'work', work: { topic, retries: literal(retries) } });
    assert.deepEqual(element(process, 'work', 'serviceTask').listeners, [
      { event: 'start', action: work(literal('before'), '5') },
      { event: 'end', action: work(feel('"after"'), '3') },
    ]);
    const ask = element(process, 'ask', 'userTask');
    assert.deepEqual(ask.taskListeners, [
      { event: 'create', action: work(literal('listen'), '3') },
      { event: 'cancel', action: work(literal('listen'), '3') },
    ]);
    assert.deepEqual(ask.user, { followUpDate: feel('soon'), formKey: literal('form-1') });
  });

  test('scripts run in the sandbox, or are expressions in place', async () => {
    const process = await model('scripts');
    assert.deepEqual(element(process, 'js', 'scriptTask').script, { format: 'javascript', source: '1' });
    const sum = element(process, 'juel', 'expressionTask');
    assert.deepEqual([sum.expression, sum.resultVariable, sum.drawnAs], [juel(`\${a + b}`), 'sum', 'scriptTask']);
    const mapped = element(process, 'mapped', 'task');
    assert.deepEqual(mapped.inputs, [{ target: 'list', source: { kind: 'list', items: [from(javascript('1'))] } }]);
    assert.deepEqual(mapped.outputs, [
      { target: 'map', source: { kind: 'map', entries: [{ key: 'k', value: from(feel('1 + 1')) }] } },
    ]);
    assert.deepEqual(process.flows['by_script']?.condition, javascript('a > 1'));
  });

  test('a Java class or bean that is mapped to a topic is external work with its fields as headers', async () => {
    const java = element(await model('delegates', DELEGATES), 'java', 'serviceTask');
    assert.deepEqual(java.work, { topic: literal('java-work'), headers: headers({ url: 'http://example.org' }) });
    assert.deepEqual(java.listeners, [
      {
        event: 'end',
        action: { kind: 'work', work: { topic: literal('listen'), headers: headers({ level: 'info' }) } },
      },
    ]);
  });

  test('so is a connector: what it takes follows the inputs of its task, what it gives precedes its outputs', async () => {
    const call = element(await model('delegates', DELEGATES), 'call', 'serviceTask');
    assert.deepEqual(call.work, { topic: literal('http') });
    assert.deepEqual(
      [call.inputs, call.outputs].map((mappings) => mappings?.map(({ target }) => target)),
      [
        ['id', 'url'],
        ['body', 'name'],
      ],
    );
  });

  test('without the mapping it is refused with the advice to use an external task', async () => {
    const { problems } = await read('delegates');
    assert.deepEqual(
      problems.map(({ rule }) => rule),
      ['not-executable-here', 'not-executable-here', 'not-executable-here'],
    );
    for (const message of messages(problems)) assert.match(message, /external task/);
  });
});

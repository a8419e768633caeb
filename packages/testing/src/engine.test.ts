/** The test kit: time that moves when told, workers as functions, messages and signals, and assertions that say what is wrong. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createTestEngine, type TestEngine, type TestInstance, WorkerFailure } from './index.ts';

const OPEN =
  '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="t">';
const flow = (id: string, from: string, to: string): string =>
  `<bpmn:sequenceFlow id="${id}" sourceRef="${from}" targetRef="${to}" />`;
const timer = (kind: string, value: string): string =>
  `<bpmn:timerEventDefinition><bpmn:${kind} xsi:type="bpmn:tFormalExpression">${value}</bpmn:${kind}></bpmn:timerEventDefinition>`;
const process = (inside: string, beside = ''): { name: string; content: string } => ({
  name: 'p.bpmn',
  content: `${OPEN}<bpmn:process id="p" isExecutable="true">${inside}</bpmn:process>${beside}</bpmn:definitions>`,
});
const work = (id: string, topic: string): string =>
  `<bpmn:serviceTask id="${id}" camunda:type="external" camunda:topic="${topic}" />`;

const WORK = process(
  `<bpmn:startEvent id="s" />${work('w', 'work')}<bpmn:endEvent id="e" />${flow('a', 's', 'w')}${flow('b', 'w', 'e')}`,
);
const engineOf = (...resources: readonly { name: string; content: string }[]): Promise<TestEngine> =>
  createTestEngine({ resources, coverage: null });
const started = async (model: { name: string; content: string }): Promise<[TestEngine, TestInstance]> => {
  const engine = await engineOf(model);
  return [engine, await engine.start('p')];
};

test('time stands still until it is moved, and timers fire in order, each at its instant', async () => {
  const waits = ['PT3H', 'PT1H', 'PT2H'].map(
    (wait, at) =>
      `<bpmn:intermediateCatchEvent id="t${at}">${timer('timeDuration', wait)}</bpmn:intermediateCatchEvent>${work(`w${at}`, 'note')}` +
      `${flow(`f${at}`, 'g', `t${at}`)}${flow(`h${at}`, `t${at}`, `w${at}`)}`,
  );
  const engine = await engineOf(
    process(`<bpmn:startEvent id="s" /><bpmn:parallelGateway id="g" />${flow('a', 's', 'g')}${waits.join('')}`),
  );
  const seen: string[] = [];
  engine.worker('note', ({ task }) => {
    seen.push(`${task.activityId} at ${engine.now.toISOString()}`);
    return {};
  });
  const instance = await engine.start('p');
  await engine.advance('PT59M59.999S');
  assert.deepEqual(seen, []);
  await engine.advance('PT3H');
  assert.deepEqual(seen, [
    'w1 at 2026-01-01T01:00:00.000Z',
    'w2 at 2026-01-01T02:00:00.000Z',
    'w0 at 2026-01-01T03:00:00.000Z',
  ]);
  assert.equal(engine.now.toISOString(), '2026-01-01T03:59:59.999Z');
  instance.assertEnded();
  await assert.rejects(engine.advanceTo('2025-12-31'), /time does not go back/);
  await assert.rejects(engine.advance('an hour'), /no ISO-8601 duration/);
});

test('a cycle starts an instance each time, and calendar months have their own length', async () => {
  const engine = await createTestEngine({
    coverage: null,
    now: '2026-01-31T09:00:00Z',
    zone: 'Europe/Berlin',
    resources: [
      process(
        `<bpmn:startEvent id="s">${timer('timeCycle', 'R/P1M')}</bpmn:startEvent><bpmn:endEvent id="e" />${flow('a', 's', 'e')}`,
      ),
    ],
  });
  await engine.advanceTo('2026-04-01');
  assert.equal(engine.instances('p').length, 2);
  await engine.advanceToNext();
  assert.equal(engine.instances('p').length, 3);
  engine.lastInstance().assertEnded('e');
});

test('a worker that fails is asked again when its pause is over, and at last it is an incident', async () => {
  const engine = await engineOf(WORK);
  const at: string[] = [];
  const { calls } = engine.worker('work', () => {
    at.push(engine.now.toISOString().slice(11, 19));
    throw new Error('no');
  });
  const instance = await engine.start('p');
  assert.equal(calls.length, 1);
  await engine.advance('PT1H');
  assert.deepEqual(at, ['00:00:00', '00:00:01', '00:00:03']);
  instance.assertIncident('w', /^.*no/);
  engine.worker('work', () => {
    throw new WorkerFailure('later', { retryAfterMs: 60_000 });
  });
  const other = await engine.start('p');
  await engine.advance('PT59S');
  other.assertNoIncidents();
  await engine.advance('PT2M');
  other.assertIncident('w', 'later');
});

test('jobs are done by hand where there is no worker', async () => {
  const [engine, instance] = await started(WORK);
  await instance.failJob('w', { message: 'down', retries: 1, retryAfter: 'PT5M' });
  instance.assertWaitingOnlyAt('w').assertNoIncidents();
  await instance.completeJob('w', { done: true, at: new Date('2026-01-01T00:00:00Z'), list: [1, { a: 2 }] });
  instance.assertEnded('e').assertVariables({ done: true, at: new Date('2026-01-01T00:00:00Z'), list: [1, { a: 2 }] });
  await assert.rejects(instance.completeJob('w'), /No job waits at w.*completed/);
  await assert.rejects(engine.start('missing'), /missing/);
});

test('messages and signals go where they go on the server', async () => {
  const model = process(
    '<bpmn:startEvent id="s"><bpmn:messageEventDefinition messageRef="begin" /></bpmn:startEvent>' +
      '<bpmn:intermediateCatchEvent id="m"><bpmn:messageEventDefinition messageRef="go" /></bpmn:intermediateCatchEvent>' +
      '<bpmn:intermediateCatchEvent id="g"><bpmn:signalEventDefinition signalRef="on" /></bpmn:intermediateCatchEvent>' +
      flow('a', 's', 'm') +
      flow('b', 'm', 'g'),
    '<bpmn:message id="begin" name="begin" /><bpmn:message id="go" name="go" /><bpmn:signal id="on" name="on" />',
  );
  const engine = await engineOf(model);
  await engine.correlateMessage('begin', { businessKey: 'K1' });
  await engine.correlateMessage('begin', { businessKey: 'K2' });
  await assert.rejects(engine.correlateMessage('go'), /go/);
  await engine.correlateMessage('go', { businessKey: 'K2', variables: { n: 1 } });
  const [one, two] = engine.instances();
  one?.assertWaitingOnlyAt('m');
  two?.assertWaitingOnlyAt('g').assertVariables({ n: 1 });
  await engine.broadcastSignal('on');
  two?.assertEnded();
});

test('a published message is kept for its time, and is gone then', async () => {
  const model = process(
    '<bpmn:startEvent id="s" /><bpmn:intermediateCatchEvent id="m"><bpmn:messageEventDefinition messageRef="go" /></bpmn:intermediateCatchEvent>' +
      flow('a', 's', 'm'),
    '<bpmn:message id="go" name="go"><bpmn:extensionElements><zeebe:subscription correlationKey="=key" /></bpmn:extensionElements></bpmn:message>',
  );
  const engine = await engineOf(model);
  const start = (): Promise<TestInstance> => engine.start('p', { variables: { key: 'K' } });
  await engine.publishMessage('go', { correlationKey: 'K', timeToLive: 'PT1H', messageId: 'one' });
  await assert.rejects(
    engine.publishMessage('go', { correlationKey: 'K', timeToLive: 'PT1H', messageId: 'one' }),
    /go/,
  );
  await engine.advance('PT59M');
  (await start()).assertEnded();
  await engine.publishMessage('go', { correlationKey: 'K', timeToLive: 'PT1H' });
  await engine.advance('PT1H');
  (await start()).assertWaitingOnlyAt('m');
});

test('scripts run in the sandbox of the server', async () => {
  const engine = await engineOf(
    process(
      `<bpmn:startEvent id="s" /><bpmn:scriptTask id="x" scriptFormat="javascript" camunda:resultVariable="sum"><bpmn:script>a + b</bpmn:script></bpmn:scriptTask>${flow('f', 's', 'x')}`,
    ),
  );
  after(() => engine.close());
  const instance = await engine.start('p', { variables: { a: 2, b: 40 } });
  instance.assertEnded().assertVariables({ sum: 42 });
});

test('an assertion that fails says how things are, and a wrong id is never right', async () => {
  const [, instance] = await started(WORK);
  const fails = (run: () => unknown, message: RegExp): void =>
    assert.throws(run, (error) => error instanceof assert.AssertionError && message.test(error.message));
  fails(() => instance.assertEnded(), /has not ended.*is active, waits at w, has passed s/);
  fails(() => instance.assertWaitingAt('e'), /does not wait at e/);
  fails(() => instance.assertWaitingOnlyAt('w', 'e'), /nowhere else/);
  fails(() => instance.assertNotWaitingAt('w'), /waits at w/);
  fails(() => instance.assertPassed('s', 'w'), /has not passed w/);
  fails(() => instance.assertNotPassed('s'), /has passed s/);
  fails(() => instance.assertPassedInOrder('w', 's'), /w is missing/);
  fails(() => instance.assertVariables({ n: 1 }), /n is undefined, not 1/);
  fails(() => instance.assertIncident('w'), /no incident at w/);
  fails(() => instance.assertNotPassed('typo'), /no element 'typo'; it has: s, w, e/);
  assert.throws(
    () => instance.assertEnded(),
    ({ stack }: Error) => /^.*\n {4}at .*engine\.test\.ts/.test(stack ?? ''),
  );
  await instance.cancel();
  instance.assertCanceled();
  fails(() => instance.assertEnded(), /is canceled/);
  fails(() => instance.assertActive(), /is canceled/);
});

test('what the deploy check refuses is refused with all its findings', async () => {
  const wrong = process('<bpmn:startEvent id="s" /><bpmn:serviceTask id="w" camunda:type="external" />');
  await assert.rejects(engineOf(wrong), /p\.bpmn:\d+ w missing-topic/);
  await assert.rejects(createTestEngine({ resources: ['no/such/model.bpmn'] }), /There is no file or folder/);
  await assert.rejects(createTestEngine({ zone: 'Nowhere' }), /Nowhere/);
  await assert.rejects(createTestEngine({ now: 'soon' }), /'soon':/);
});

test('asynchronous continuations are no business of the clock', async () => {
  const [engine, instance] = await started(
    process(`<bpmn:startEvent id="s" camunda:asyncAfter="true" /><bpmn:endEvent id="e" />${flow('a', 's', 'e')}`),
  );
  instance.assertEnded('e');
  assert.equal(engine.now.toISOString(), '2026-01-01T00:00:00.000Z');
});

test('what is called can be a stand-in, also in the place of a process of the system', async () => {
  for (const called of ['other', 'procos_system_file_create']) {
    const engine = await engineOf(
      process(
        `<bpmn:startEvent id="s" /><bpmn:callActivity id="c" calledElement="${called}"><bpmn:extensionElements><camunda:in sourceExpression="a" target="path" /><camunda:out source="done" target="done" /></bpmn:extensionElements></bpmn:callActivity>${flow('f', 's', 'c')}`,
      ),
    );
    const { calls } = await engine.mockProcess(called, ({ variables }) => ({ variables: { done: variables['path'] } }));
    const instance = await engine.start('p');
    instance.assertEnded().assertVariables({ done: 'a' });
    assert.equal(calls.length, 1);
    assert.deepEqual(
      instance.called.map(({ bpmnProcessId }) => bpmnProcessId),
      [called],
    );
  }
});

test('conditional start events are asked', async () => {
  const engine = await engineOf(
    process(
      '<bpmn:startEvent id="s"><bpmn:conditionalEventDefinition><bpmn:condition xsi:type="bpmn:tFormalExpression">${level &gt; 3}</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:startEvent>',
    ),
  );
  assert.deepEqual(await engine.evaluateConditions({ level: 3 }), []);
  assert.equal((await engine.evaluateConditions({ level: 4 })).length, 1);
});

test('a process can be tested from the middle', async () => {
  const engine = await engineOf(WORK);
  (await engine.start('p', { before: ['e'] })).assertEnded('e').assertNotPassed('s', 'w');
});

/** The process that keeps the store small: what it takes, what it leaves, and what others see of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore } from '@procos/store';
import { systemClock } from './clock.ts';
import { keepDraft } from './deployment/draft.ts';
import type { RunningKernel } from './kernel-options.ts';
import type { Retention } from './system-calls/retention.ts';
import { startTestKernel, systemModels, until } from './testing/system.ts';

const ADA = { kind: 'user', id: 'ada' } as const;
const DAY_MS = 86_400_000;

/** The system processes, of which retention runs only when asked: what one sweep takes cannot be counted while another one is at work. */
const ONLY_WHEN_ASKED: typeof systemModels = systemModels.map(({ name, content }) => {
  if (name !== 'retention.bpmn') return { name, content };
  const hourly = /<bpmn:timeCycle( [^>]*)>[^<]*<\/bpmn:timeCycle>/;
  assert.match(content, hourly);
  return { name, content: content.replace(hourly, '<bpmn:timeDate$1>9000-01-01T00:00:00Z</bpmn:timeDate>') };
});

/** A kernel whose days can be turned forward. */
async function kernelWith(retention: Retention, models = ONLY_WHEN_ASKED) {
  let shift = 0;
  const clock = { ...systemClock, wallNow: () => systemClock.wallNow() + shift };
  const store = createMemoryStore();
  const kernel = await startTestKernel({ store, clock, retention, systemModels: models });
  await kernel.ready;
  return {
    kernel,
    store,
    wallNow: clock.wallNow,
    days(count: number) {
      shift += count * DAY_MS;
    },
    async [Symbol.asyncDispose]() {
      await kernel.requestShutdown(ADA, 'test');
      await kernel.stopped;
    },
  };
}

const bpmn = (processes: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">${processes}</bpmn:definitions>`;

function straight(id: string, attributes: string, middle: string): string {
  return `<bpmn:process id="${id}" isExecutable="true" ${attributes}>
    <bpmn:startEvent id="start"/><bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="middle"/>
    ${middle}<bpmn:sequenceFlow id="f2" sourceRef="middle" targetRef="end"/><bpmn:endEvent id="end"/></bpmn:process>`;
}

const MODELS: Readonly<Record<string, string>> = {
  short: straight('short', 'camunda:historyTimeToLive="P5D"', '<bpmn:manualTask id="middle"/>'),
  silent: straight('silent', '', '<bpmn:manualTask id="middle"/>'),
  caller: straight(
    'caller',
    'camunda:historyTimeToLive="10"',
    '<bpmn:callActivity id="middle" calledElement="short"/>',
  ),
  waits: straight('waits', 'camunda:historyTimeToLive="0"', '<bpmn:userTask id="middle"/>'),
};

const REQUEST = { name: 'test', source: null, tenantId: null, resources: [], skipUnchanged: false };

async function deploy({ engine }: RunningKernel): Promise<void> {
  const resources = Object.entries(MODELS).map(([name, process]) => ({ name: `${name}.bpmn`, content: bpmn(process) }));
  const outcome = await engine.deploy({ ...REQUEST, resources }, ADA);
  assert.ok(outcome.ok, JSON.stringify(outcome));
}

async function start({ engine }: RunningKernel, bpmnProcessId: string): Promise<number> {
  const definition = { bpmnProcessId };
  const outcome = await engine.submit({ type: 'createProcessInstance', definition, variables: {} }, ADA);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome.value.processInstanceId;
}

/** Runs the process to its end; its variables. */
async function tidyUp(kernel: RunningKernel): Promise<Record<string, unknown>> {
  const { engine } = kernel;
  const id = await start(kernel, 'procos_system_retention');
  const where = [{ column: 'id', op: '=', value: id }] as const;
  await until(kernel, () => engine.find('processInstances', { where })[0]?.state === 'completed');
  const rows = engine.find('variables', { where: [{ column: 'scopeId', op: '=', value: id }] });
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

const namesOf = ({ engine }: RunningKernel): string[] =>
  engine
    .find('processInstances')
    .map(({ bpmnProcessId }) => bpmnProcessId)
    .filter((name) => !name.startsWith('procos_'))
    .sort();

test('instances leave the history when their time is over: by their model, by the setting, and never while they run', async () => {
  await using opened = await kernelWith({ historyDays: 20, logDays: null });
  const { kernel } = opened;
  await deploy(kernel);
  for (const name of Object.keys(MODELS)) await start(kernel, name);
  assert.deepEqual(namesOf(kernel), ['caller', 'short', 'short', 'silent', 'waits']);
  await tidyUp(kernel);
  assert.deepEqual(namesOf(kernel), ['caller', 'short', 'short', 'silent', 'waits'], 'nothing is old enough');
  opened.days(6);
  await start(kernel, 'short');
  // Its instances have outlived their time all the same.
  const where = [{ column: 'bpmnProcessId', op: '=', value: 'silent' }] as const;
  const definitionIds = kernel.engine.find('definitions', { where }).map(({ id }) => id);
  assert.ok((await kernel.engine.submit({ type: 'removeDefinitions', definitionIds }, ADA)).ok);
  await tidyUp(kernel);
  assert.deepEqual(namesOf(kernel), ['caller', 'short', 'short', 'silent', 'waits'], 'one was called, one is new');
  opened.days(4);
  await tidyUp(kernel);
  assert.deepEqual(namesOf(kernel), ['short', 'silent', 'waits'], 'what was called goes with its caller');
  opened.days(10);
  await tidyUp(kernel);
  assert.deepEqual(namesOf(kernel), ['waits']);
  const rows = kernel.engine.find('elementInstances', {
    where: [{ column: 'bpmnProcessId', op: '=', value: 'short' }],
  });
  assert.deepEqual(rows, []);
});

test('it runs every hour, unasked, also when the hour comes because the clock was set forward', async () => {
  await using opened = await kernelWith({ historyDays: 20, logDays: null }, systemModels);
  const { kernel } = opened;
  await deploy(kernel);
  await start(kernel, 'short');
  opened.days(6);
  await start(kernel, 'silent');
  await until(kernel, () => namesOf(kernel).length === 1);
  assert.deepEqual(namesOf(kernel), ['silent']);
});

test('many that still run are looked at once in a round, however many among them are over', async () => {
  await using opened = await kernelWith({ historyDays: null, logDays: null });
  const { kernel, store } = opened;
  await deploy(kernel);
  const ids: number[] = [];
  for (let count = 0; count < 500; count += 1) ids.push(await start(kernel, 'waits'));
  const over = ids.filter((_, at) => at % 3 === 0);
  for (const processInstanceId of over)
    assert.ok((await kernel.engine.submit({ type: 'cancelProcessInstance', processInstanceId }, ADA)).ok);
  opened.days(1);
  const find = store.find.bind(store);
  let rows = 0;
  store.find = (table, query) => {
    const found = find(table, query);
    if (table === 'processInstances' && query?.limit === 200) rows += found.length;
    return found;
  };
  assert.ok(Number((await tidyUp(kernel))['removed_instances']) >= over.length);
  assert.equal(namesOf(kernel).length, ids.length - over.length);
  // And those of the system itself.
  assert.ok(rows < ids.length + 50, `${rows} rows were looked at`);
});

test('a time to live that is set at run time counts from the next sweep on; null keeps for good', async () => {
  await using opened = await kernelWith({ historyDays: 1, logDays: null });
  const { kernel } = opened;
  await deploy(kernel);
  const ids = { short: await start(kernel, 'short'), silent: await start(kernel, 'silent') };
  const definitionOf = (id: number): number =>
    kernel.engine.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] })[0]?.definitionId ?? 0;
  const set = (id: number, days: number | null) =>
    kernel.engine.submit({ type: 'setHistoryTimeToLive', definitionId: definitionOf(id), days }, ADA);
  assert.ok((await set(ids.short, null)).ok);
  assert.ok((await set(ids.silent, 3)).ok);
  assert.equal((await set(ids.silent, -1)).ok, false);
  opened.days(2);
  await tidyUp(kernel);
  assert.deepEqual(namesOf(kernel), ['short', 'silent']);
  opened.days(100);
  await tidyUp(kernel);
  assert.deepEqual(namesOf(kernel), ['short']);
});

test('drafts of deployments go after a day, but not while a deployment process may still deploy them', async () => {
  await using opened = await kernelWith({ historyDays: null, logDays: null });
  const { kernel } = opened;
  const keep = async (name: string): Promise<number> => {
    const resources = [{ name: `${name}.bpmn`, content: bpmn(MODELS['short'] ?? '') }];
    const outcome = await keepDraft(kernel.engine, { ...REQUEST, name, resources }, ADA);
    assert.ok(outcome.ok);
    return outcome.value.deploymentId;
  };
  const drafts = (): number[] =>
    kernel.engine
      .find('deployments')
      .filter(({ resources }) => resources.some(({ name }) => name === 'draft.json'))
      .map(({ id }) => id);
  const [old, wanted] = [await keep('old'), await keep('wanted')];
  // It stands in an incident, since somebody else has handed the draft in.
  const definition = { bpmnProcessId: 'procos_system_deployment' };
  const variables = { draft: { type: 'String', value: String(wanted) } } as const;
  const eve = { kind: 'user', id: 'eve' } as const;
  assert.ok((await kernel.engine.submit({ type: 'createProcessInstance', definition, variables }, eve)).ok);
  await until(kernel, () => kernel.engine.count('incidents') === 1);
  assert.equal((await tidyUp(kernel))['removed_drafts'], 0);
  assert.deepEqual(drafts(), [old, wanted]);
  opened.days(1.1);
  const young = await keep('young');
  assert.equal((await tidyUp(kernel))['removed_drafts'], 1);
  assert.deepEqual(drafts(), [wanted, young]);
  const command = (deploymentId: number) => ({ type: 'removeDeployment', deploymentId }) as const;
  await deploy(kernel);
  const [models] = kernel.engine.find('deployments', { where: [{ column: 'name', op: '=', value: 'test' }] });
  const refused = await kernel.engine.submit(command(models?.id ?? 0), ADA);
  assert.ok(!refused.ok && /defines 4 processes/.test(refused.rejection.message));
  const unknown = await kernel.engine.submit(command(old), ADA);
  assert.ok(!unknown.ok && unknown.rejection.code === 'NOT_FOUND');
});

test('PID 1 never ends: what it and its children have left behind goes while it runs', async () => {
  await using opened = await kernelWith({ historyDays: null, logDays: null });
  const { kernel } = opened;
  const root = kernel.status().rootInstanceId ?? 0;
  const today = opened.wallNow();
  // Its own timers ring when the days are turned, and leave something new behind.
  const ended = () =>
    kernel.engine.count('elementInstances', {
      where: [
        { column: 'processInstanceId', op: '=', value: root },
        { column: 'endedAt', op: '<=', value: today },
      ],
    });
  const boots = () =>
    kernel.engine.count('processInstances', {
      where: [{ column: 'bpmnProcessId', op: '=', value: 'procos_system_boot' }],
    });
  assert.ok(ended() > 0);
  assert.equal(boots(), 1);
  opened.days(100);
  await tidyUp(kernel);
  assert.equal(ended(), 0);
  assert.equal(boots(), 0);
  assert.equal(kernel.status().rootInstanceId, root);
});

test('the log is trimmed when the setting says so, and says where it begins', async () => {
  await using opened = await kernelWith({ historyDays: null, logDays: 3 });
  const { kernel, store } = opened;
  await deploy(kernel);
  await start(kernel, 'silent');
  const before = kernel.engine.lastSequence;
  opened.days(4);
  await start(kernel, 'silent');
  const { removed_records: removed } = await tidyUp(kernel);
  assert.ok(typeof removed === 'number' && removed >= before - 1, String(removed));
  assert.equal(kernel.engine.firstSequence, Number(removed) + 1);
  assert.equal(kernel.engine.records(0, 1)[0]?.sequence, kernel.engine.firstSequence);
  assert.equal(store.verify().ok, true);
  assert.deepEqual(namesOf(kernel), ['silent', 'silent'], 'the history is another matter');
});

test('large values go with the last history that names them, and what nobody ever named after a day', async () => {
  await using opened = await kernelWith({ historyDays: null, logDays: null });
  const { kernel } = opened;
  const { engine } = kernel;
  await deploy(kernel);
  const take = (text: string) => engine.largeValues.take([Buffer.from(text.repeat(100_000))]);
  const [named, unnamed] = [await take('named'), await take('not')];
  const value = { blob: named.name, size: 0 };
  const definition = { bpmnProcessId: 'short' };
  const variables = { doc: { type: 'Bytes', value } } as const;
  const started = await engine.submit({ type: 'createProcessInstance', definition, variables }, ADA);
  assert.ok(started.ok);
  const there = () => [named, unnamed].filter(({ name }) => engine.largeValues.find(name) !== undefined);
  assert.equal((await tidyUp(kernel))['removed_values'], 0);
  assert.deepEqual(there(), [named, unnamed]);
  opened.days(2);
  assert.equal((await tidyUp(kernel))['removed_values'], 1);
  assert.deepEqual(there(), [named]);
  opened.days(4);
  assert.deepEqual(namesOf(kernel), ['short']);
  assert.equal((await tidyUp(kernel))['removed_values'], 1);
  assert.deepEqual([namesOf(kernel), there()], [[], []]);
});

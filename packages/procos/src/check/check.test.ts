/** `procos check`: models as teams have them, for Camunda 7 and for Camunda 8. What it says of them is what the engine does. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createTestEngine } from '../../../testing/src/index.ts';
import { readDelegates } from '../settings.ts';
import { checkAlone, checkFiles } from './check.ts';
import type { CheckedFile } from './contract.ts';
import { filesToCheck } from './files.ts';
import { heldBy, summaryOf } from './summary.ts';
import { summaryLines, topicFor } from './text.ts';

const MODELS = fileURLToPath(new URL('../../fixtures/migration', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'procos-check-'));
after(() => rmSync(folder, { recursive: true }));

async function check(paths: readonly string[], delegates = '', workingDirectory = MODELS) {
  const files = filesToCheck({ workingDirectory }, paths);
  const checked = await checkFiles(checkAlone(readDelegates(delegates) ?? {}), files);
  return { checked, summary: summaryOf(checked, heldBy(files)) };
}

const found = (file: CheckedFile | undefined, kind: string): string[] =>
  (file?.notes ?? [])
    .filter((note) => note.kind === kind)
    .map(({ rule, elementId, line }) => `${rule} ${elementId}:${line}`);

/** The inside of process `p`. */
const model = (inside: string): string =>
  `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="t">\n<bpmn:process id="p" isExecutable="true">${inside}</bpmn:process><bpmn:error id="no" errorCode="NO" /></bpmn:definitions>`;

async function checkText(inside: string): Promise<CheckedFile | undefined> {
  const [file] = await checkFiles(checkAlone({}), [{ path: 'p.bpmn', content: model(inside) }]);
  return file;
}

test('a model for Camunda 7 with Java, scripts, connectors and forms', async () => {
  const { checked, summary } = await check(['loan_c7.bpmn']);
  assert.deepEqual(found(checked[0], 'refused'), [
    'not-executable-here loan:3',
    'not-executable-here Activity_score:11',
    'not-executable-here Activity_review:40',
    'script Activity_review:40',
    'script Activity_letter:51',
    'not-executable-here Activity_notify:57',
    'not-executable-here EndEvent_refused:91',
  ]);
  assert.deepEqual(found(checked[0], 'otherwise'), [
    'setting-without-effect loan:3',
    'otherwise/form-key StartEvent_applied:7',
    'otherwise/bean-call Flow_4:36',
    'otherwise/form-key Activity_review:40',
    'otherwise/bean-call EndEvent_refused:91',
  ]);
  const names = (wanted: readonly { readonly name: string }[]): string[] => wanted.map(({ name }) => name).sort();
  assert.deepEqual(names(summary.java), [
    '${reviewMailListener}',
    'com.acme.bank.ScoringDelegate',
    'com.acme.bank.audit.ProcessStartListener',
  ]);
  assert.deepEqual(names(summary.beans), ['mailService', 'riskService']);
  assert.deepEqual(names(summary.connectors), ['http-connector']);
  assert.deepEqual(
    summary.scripts.map(({ name, times }) => [name, times]),
    [['groovy', 2]],
  );
  assert.deepEqual(names(summary.workers), ['archive']);
  assert.deepEqual(
    summary.missing.map(({ kind, name }) => `${kind} ${name}`),
    ['process payout', 'decision risk'],
  );
});

test('the advice of the summary is one that helps', async () => {
  const { summary } = await check(['loan_c7.bpmn']);
  const [, advice = ''] = /PROCOS_DELEGATES='(.*)'/.exec(summaryLines(summary).join('\n')) ?? [];
  assert.match(advice, /com\.acme\.bank\.ScoringDelegate=scoring/);
  const { checked } = await check(['loan_c7.bpmn'], advice);
  assert.deepEqual(found(checked[0], 'refused'), [
    'script Activity_review:40',
    'script Activity_letter:51',
    'not-executable-here EndEvent_refused:91',
  ]);
  assert.deepEqual(['com.x.SendMailDelegate', 'com.x.JavaDelegate', '${mailBean}', 'a.b.C'].map(topicFor), [
    'send-mail',
    'java-delegate',
    'mail',
    'c',
  ]);
});

test('two classes of one name get two topics', async () => {
  const task = (id: string, java: string): string => `<bpmn:serviceTask id="${id}" camunda:class="${java}" />`;
  mkdirSync(join(folder, 'build'));
  writeFileSync(join(folder, 'build', 'java.bpmn'), model(task('a', 'a.MailDelegate') + task('b', 'b.MailDelegate')));
  const { summary } = await check(['build/java.bpmn'], '', folder);
  assert.match(summaryLines(summary).join('\n'), /PROCOS_DELEGATES='a\.MailDelegate=mail, b\.MailDelegate=mail-2'/);
});

test('a model for Camunda 8 with a connector runs, and what is otherwise is said', async () => {
  const { checked, summary } = await check(['onboarding_c8.bpmn']);
  assert.equal(checked[0]?.verdict, 'otherwise');
  assert.deepEqual(found(checked[0], 'otherwise'), [
    'otherwise/connector Activity_account:8',
    'otherwise/secret Activity_account:8',
  ]);
  assert.deepEqual(
    summary.missing.map(({ kind, name }) => `${kind} ${name}`),
    ['form papers'],
  );
});

test('a folder with all below it: what belongs together is found together, copies of a build are left out', async () => {
  cpSync(MODELS, join(folder, 'src', 'models'), { recursive: true });
  cpSync(MODELS, join(folder, 'target', 'models'), { recursive: true });
  writeFileSync(join(folder, 'src', 'case.cmmn'), '<definitions/>');
  writeFileSync(join(folder, 'src', 'papers.form'), '{"id":"papers","components":[]}');
  writeFileSync(join(folder, 'src', 'broken.form'), '{');
  writeFileSync(join(folder, 'src', 'read.me'), '');
  const { checked, summary } = await check(['.'], '', folder);
  assert.deepEqual(
    checked.map(({ path, verdict }) => `${path} ${verdict}`),
    [
      'src/broken.form refused',
      'src/case.cmmn refused',
      'src/models/loan_c7.bpmn refused',
      'src/models/onboarding_c8.bpmn otherwise',
      'src/models/risk.dmn runs',
      'src/papers.form runs',
    ],
  );
  assert.deepEqual([summary.files, summary.runs, summary.otherwise, summary.refused], [6, 2, 1, 3]);
  const [named] = (await check(['src/read.me'], '', folder)).checked;
  assert.deepEqual(found(named, 'hint'), ['file undefined:0']);
  assert.deepEqual(
    summary.missing.map(({ name }) => name),
    ['payout'],
  );
  assert.match(
    summaryLines(summary).join('\n'),
    /6 files: 2 run as they are, 1 runs and behaves otherwise in places, 3 are refused\./,
  );
  mkdirSync(join(folder, 'empty'));
  assert.throws(() => filesToCheck({ workingDirectory: folder }, ['empty']), /holds no \.bpmn/);
  assert.throws(() => filesToCheck({ workingDirectory: folder }, ['none.bpmn']), /none\.bpmn: there is no such file/);
});

test('two files that define the same process are named', async () => {
  writeFileSync(join(folder, 'one.bpmn'), model('<bpmn:startEvent id="s" />'));
  writeFileSync(join(folder, 'two.bpmn'), model('<bpmn:startEvent id="s" />'));
  const { summary } = await check(['one.bpmn', 'two.bpmn'], '', folder);
  assert.deepEqual(summary.twice, [{ name: 'p', times: 2, paths: ['one.bpmn', 'two.bpmn'] }]);
});

test('calls of beans in expressions are found, calls of values are not; the engine agrees', async () => {
  const flow = (expression: string): string =>
    `<bpmn:startEvent id="s" /><bpmn:exclusiveGateway id="g" default="n" /><bpmn:endEvent id="e" /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="g" /><bpmn:sequenceFlow id="n" sourceRef="g" targetRef="e" /><bpmn:sequenceFlow id="y" sourceRef="g" targetRef="e"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">${expression}</bpmn:conditionExpression></bpmn:sequenceFlow>`;
  const cases: readonly (readonly [expression: string, otherwise: boolean])[] = [
    ['${rules.allows(name)}', true],
    ["${name.startsWith('A') and list.contains(1)}", false],
    ["${execution.getVariable('name').length() > 1}", false],
    ['${execution.getProcessEngineServices().getRuntimeService().activityIds(1) == 1}', true],
    ['${order.isOpen()}', false],
  ];
  for (const [expression, otherwise] of cases) {
    const file = await checkText(flow(expression));
    assert.equal(file?.verdict, otherwise ? 'otherwise' : 'runs', expression);
    const engine = await createTestEngine({
      resources: [{ name: 'p.bpmn', content: model(flow(expression)) }],
      coverage: null,
    });
    const variables = { name: 'Ada', list: [1], order: { open: true }, rules: {} };
    const instance = await engine.start('p', { variables });
    if (otherwise) instance.assertIncident('g');
    else instance.assertEnded('e');
  }
});

test('an error that nobody catches is said, and is an incident', async () => {
  const thrown =
    '<bpmn:startEvent id="s" /><bpmn:endEvent id="e"><bpmn:errorEventDefinition errorRef="no" /></bpmn:endEvent><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="e" />';
  assert.deepEqual(found(await checkText(thrown), 'otherwise'), ['otherwise/uncaught-error e:2']);
  const engine = await createTestEngine({ resources: [{ name: 'p.bpmn', content: model(thrown) }], coverage: null });
  (await engine.start('p')).assertIncident('e');
  const caught =
    '<bpmn:subProcess id="h" triggeredByEvent="true"><bpmn:startEvent id="c"><bpmn:errorEventDefinition /></bpmn:startEvent></bpmn:subProcess>';
  assert.deepEqual(found(await checkText(thrown + caught), 'otherwise'), []);
});

test('scripts that reach into Java, and topics of built-in workers', async () => {
  const java = await checkText(
    '<bpmn:startEvent id="s" /><bpmn:scriptTask id="x" scriptFormat="javascript"><bpmn:script>var System = Java.type("java.lang.System"); `${System.x.y()}`</bpmn:script></bpmn:scriptTask><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="x" />',
  );
  assert.deepEqual(found(java, 'otherwise'), ['otherwise/script-java x:2']);
  const topic = await checkText(
    '<bpmn:startEvent id="s" /><bpmn:serviceTask id="x" camunda:type="external" camunda:topic="translation" /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="x" />',
  );
  assert.equal(topic?.verdict, 'runs');
  assert.ok(found(topic, 'hint').includes('hint/built-in-topic x:2'));
});

test('what docs/migration.md says is refused is refused, and what it says runs otherwise does', async () => {
  const task = (attributes: string, inside = ''): string =>
    `<bpmn:startEvent id="s" /><bpmn:serviceTask id="x" ${attributes}>${inside}</bpmn:serviceTask><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="x" />`;
  const call = (attributes: string): string =>
    `<bpmn:startEvent id="s" /><bpmn:callActivity id="x" ${attributes} /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="x" />`;
  const script = (language: string): string =>
    `<bpmn:startEvent id="s" /><bpmn:scriptTask id="x" scriptFormat="${language}"><bpmn:script>1</bpmn:script></bpmn:scriptTask><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="x" />`;
  const form = (attributes: string): string =>
    `<bpmn:startEvent id="s" /><bpmn:userTask id="x" ${attributes} /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="x" />`;
  const cases: readonly (readonly [verdict: CheckedFile['verdict'], inside: string])[] = [
    ['runs', task('camunda:type="external" camunda:topic="t"')],
    ['refused', task('camunda:class="a.B"')],
    ['refused', task('camunda:delegateExpression="${b}"')],
    ['runs', task('camunda:expression="${1 + 1}"')],
    ['otherwise', task('camunda:expression="${b.run(execution)}"')],
    ['refused', call('camunda:caseRef="c"')],
    ['refused', call('calledElement="p" camunda:variableMappingClass="a.B"')],
    ['runs', script('javascript')],
    ['otherwise', script('python')],
    ['refused', script('groovy')],
    ['refused', script('ruby')],
    ['otherwise', form('camunda:formKey="embedded:app:form.html"')],
    ['runs', form('camunda:formRef="f"')],
    ['runs', form('camunda:formKey="camunda-forms:deployment:f.form"')],
  ];
  for (const [verdict, inside] of cases) assert.equal((await checkText(inside))?.verdict, verdict, inside);
});

test('a refusal names the Java class and the setting that maps it, and says where system calls are served', async () => {
  const told = async (attributes: string): Promise<string> => {
    const task = `<bpmn:serviceTask id="x" ${attributes} />`;
    const flow = '<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="x" />';
    const file = await checkText(`<bpmn:startEvent id="s" />${task}${flow}`);
    return file?.notes.find(({ kind }) => kind === 'refused')?.message ?? '';
  };
  assert.match(await told('camunda:class="a.B"'), /camunda:class="a\.B", .* by the setting delegates/);
  const call = await told('camunda:type="external" camunda:topic="procos.process.start"');
  assert.equal(call, 'There is no system call procos.process.start. No system runs here to serve any.');
});

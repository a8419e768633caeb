/** docs/system-processes.md says what system/ holds: every process, its file, what it gives, its errors, and a test that runs it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readProcesses } from '@procos/bpmn';
import { libraryModels, systemModels } from './testing/system.ts';

const MODELS = [...systemModels, ...libraryModels].filter(({ name }) => name.endsWith('.bpmn'));
const DOCUMENT = new URL('../../../docs/system-processes.md', import.meta.url);

interface Row {
  readonly file: string;
  readonly outputs: readonly string[];
  readonly errors: readonly string[];
  readonly test: string;
}

const list = (cell: string): readonly string[] => (cell === '–' ? [] : cell.split(', '));

function rows(): Map<string, Row> {
  const found = new Map<string, Row>();
  for (const line of readFileSync(DOCUMENT, 'utf8').split('\n')) {
    const [, id, file, about, inputs, outputs, errors, tested] = line.split(' | ').flatMap((cell) => cell.split('| '));
    const process = /^`(procos_system_\w+)`$/.exec(id ?? '')?.[1];
    if (process === undefined) continue;
    assert.ok(about && inputs, process);
    const link = /\]\(([^)]+)\) \|$/.exec(tested ?? '')?.[1] ?? '';
    found.set(process, {
      file: (file ?? '').replaceAll('`', ''),
      outputs: list(outputs ?? ''),
      errors: list(errors ?? ''),
      test: link,
    });
  }
  return found;
}

/** Names that output mappings of the model give to the process, and codes of errors that leave it. */
function read(xml: string) {
  const outputs = [...xml.matchAll(/<camunda:outputParameter name="(\w+)"/g)].map((match) => match[1] ?? '');
  const codes = new Map([...xml.matchAll(/<bpmn:error id="(\w+)"[^>]* errorCode="(\w+)"/g)].map((m) => [m[1], m[2]]));
  const ends = [...xml.matchAll(/<bpmn:endEvent [\s\S]*?<\/bpmn:endEvent>/g)].map(([end]) => end);
  const errors = ends.flatMap((end) => {
    const code = codes.get(/errorRef="(\w+)"/.exec(end)?.[1] ?? '');
    return code === undefined ? [] : [code];
  });
  return { outputs: [...new Set(outputs)].sort(), errors: [...new Set(errors)].sort() };
}

test('every process of the system has its row, and every row its process', async () => {
  const documented = rows();
  const found = new Map<string, string>();
  for (const { name, content } of MODELS)
    for (const { bpmnProcessId } of (await readProcesses(content)).processes) found.set(bpmnProcessId, name);
  assert.deepEqual(
    new Map([...documented].map(([id, { file }]) => [id, file] as const).sort()),
    new Map([...found].sort()),
  );
  for (const { name, content } of MODELS) {
    const [process] = (await readProcesses(content)).processes;
    const row = documented.get(process?.bpmnProcessId ?? '');
    const { outputs, errors } = read(content);
    assert.deepEqual([...(row?.outputs ?? [])].sort(), outputs, `outputs of ${name}`);
    assert.deepEqual([...(row?.errors ?? [])].sort(), errors, `errors of ${name}`);
  }
});

test('the test that a row names runs that process', () => {
  for (const [id, { test }] of rows()) {
    const text = readFileSync(new URL(test, DOCUMENT), 'utf8');
    assert.ok(text.includes(id), `${test} does not name ${id}`);
  }
});

/** The processes of the system are clean: no findings, every element named and drawn, history kept for a known time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDecisions, readProcesses } from '@procos/bpmn';
import { ROOT_PROCESS } from './boot.ts';
import { libraryModels, systemModels } from './testing/system.ts';

const IDS = [
  'procos_system_backup',
  'procos_system_batch',
  'procos_system_boot',
  'procos_system_deployment',
  'procos_system_error_recovery',
  'procos_system_health_monitoring',
  'procos_system_install',
  'procos_system_person_task',
  'procos_system_restore',
  'procos_system_restore_rehearsal',
  'procos_system_retention',
  'procos_system_rotation',
  'procos_system_service_health',
  'procos_system_shutdown',
  'procos_system_snapshot_export',
  'procos_system_snapshot_import',
  'procos_system_snapshot_validate',
  'procos_system_suspension',
  'procos_system_user_management',
  'procos_system_worker_supervision',
  ROOT_PROCESS,
];

const files = (kind: string) => systemModels.filter(({ name }) => name.endsWith(kind));

test('the system consists of these processes', async () => {
  const models = await Promise.all(files('.bpmn').map(({ content }) => readProcesses(content)));
  const ids = models.flatMap(({ processes }) => processes.map(({ bpmnProcessId }) => bpmnProcessId));
  assert.deepEqual(ids.sort(), [...IDS].sort());
});

for (const { name, content } of [...files('.bpmn'), ...libraryModels]) {
  test(`${name} deploys without an error, and its elements are named and drawn`, async () => {
    const { processes, problems } = await readProcesses(content);
    assert.deepEqual(
      problems.filter(({ severity }) => severity === 'error'),
      [],
    );
    const drawn = new Set([...content.matchAll(/bpmnElement="([^"]+)"/g)].map((match) => match[1]));
    for (const process of processes) {
      assert.ok(process.historyTimeToLive);
      for (const { id, name: label } of Object.values(process.elements)) {
        assert.ok(label, `${id} has no name`);
        assert.ok(drawn.has(id), `${id} is not drawn`);
      }
      for (const id of Object.keys(process.flows)) assert.ok(drawn.has(id), `${id} is not drawn`);
    }
  });
}

test('what the system decides by tables: nothing about an incident, until somebody adds a row', () => {
  const ids = files('.dmn').flatMap(({ content }) => {
    const { model, problems } = readDecisions(content);
    assert.deepEqual(problems, []);
    return model?.decisions ?? [];
  });
  assert.deepEqual(ids.map(({ id }) => id).sort(), ['procos_system_incident_severity', 'procos_system_recovery']);
  const { logic } = ids.find(({ id }) => id === 'procos_system_recovery') ?? {};
  assert.ok(logic?.kind === 'table');
  assert.equal(logic.hitPolicy, 'FIRST');
  assert.deepEqual([...new Set(logic.rules.map(({ inputs }) => inputs[0]?.text))], ['"health"']);
});

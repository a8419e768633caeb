/** A person can read the pictures of the system: nothing overlaps, nothing runs through something else, every name has its place. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { diagramFaults } from './testing/diagram.ts';
import { libraryModels, systemModels } from './testing/system.ts';

const ROOT = new URL('../../../', import.meta.url);
const examples = globSync('examples/**/*.bpmn', { cwd: ROOT.pathname }).map((name) => ({
  name,
  content: readFileSync(new URL(name, ROOT), 'utf8'),
}));

describe('pictures', () => {
  for (const { name, content } of [...systemModels, ...libraryModels, ...examples].filter(({ name }) =>
    name.endsWith('.bpmn'),
  ))
    test(`${name} can be read`, () => assert.deepEqual(diagramFaults(content), []));
});

describe('what the test of the pictures finds', () => {
  const boot = systemModels.find(({ name }) => name === 'boot.bpmn')?.content ?? '';

  /** With the numbers of one shape, label or waypoint changed. */
  function changed(from: string, to: string): string[] {
    assert.ok(boot.includes(from), from);
    return diagramFaults(boot.replace(from, to));
  }
  /** The shape somewhere else; its edges stay. */
  const moved = (id: string, by: number): string[] => {
    const [whole = '', x = ''] = new RegExp(`bpmnElement="${id}"[^>]*>\\s*<dc:Bounds x="([\\d.]+)"`).exec(boot) ?? [];
    return changed(whole, whole.replace(`x="${x}"`, `x="${Number(x) + by}"`));
  };

  test('shapes that overlap, edges that end beside a border or run through a shape', () => {
    const faults = moved('start_hosts', -110);
    assert.ok(faults.includes('check_environment and start_hosts overlap'), faults.join('\n'));
    assert.ok(faults.includes('flow_hosts does not end at the border of start_hosts'));
    assert.ok(faults.includes('flow_hosts runs through start_hosts'));
    assert.ok(faults.includes('flow_register runs through start_hosts') === false);
  });

  test('an event and a gateway have their border where they are drawn, not at the box around them', () => {
    assert.ok(moved('ready', 3).includes('flow_ready does not end at the border of ready'));
    assert.ok(moved('is_healthy', 3).includes('flow_judge does not end at the border of is_healthy'));
  });

  test('names that do not fit, have no place, or lie over something', () => {
    const long = 'Check the environment of the whole system with great care and thoroughness before all else';
    assert.deepEqual(changed('name="Check the environment"', `name="${long}"`), [
      'the name of check_environment does not fit into it',
    ]);
    const [label = ''] = /<bpmndi:BPMNLabel>[\s\S]*?<\/bpmndi:BPMNLabel>/.exec(boot) ?? [];
    assert.deepEqual(changed(label, ''), ['start has a name but no place for it']);
    const y = /y="(\d+)"/.exec(label)?.[1] ?? '';
    const faults = changed(label, label.replace(`y="${y}"`, `y="${Number(y) - 22}"`));
    assert.ok(faults.includes('the name of start lies over start'), faults.join('\n'));
  });
});

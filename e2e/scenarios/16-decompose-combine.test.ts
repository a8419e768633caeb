/** Scenario 16: a task is decomposed, its parts are worked on in parallel by a process that serves their job type, and combined. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Running } from '../running-procos.ts';

test('a text is counted in parts, and the parts are put together', { timeout: 110_000 }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-scenario-'));
  const system = await (await Running.start({ data: join(folder, 'data') })).ready();
  context.after(async () => {
    await system.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const paragraphs = ['one two three', 'four five', 'six', 'seven eight nine tremendously ten'];
  const deployed = await system.procos('deploy', 'examples/word_count/count_words.bpmn');
  assert.equal(deployed.code, 0, deployed.err);
  const text = `text:=${JSON.stringify(paragraphs.join('\n\n'))}`;
  const { code, out, err } = await system.procos('run', 'examples/word_count/word_count.bpmn', '--json', '--var', text);
  assert.equal(code, 0, err);
  const { pid, variables } = JSON.parse(out) as { pid: string; variables: Record<string, unknown> };
  assert.deepEqual(variables['total'], { words: 11, parts: 4, longest: 'tremendously' });
  assert.deepEqual(variables['counts'], [
    { words: 3, longest: 'three' },
    { words: 2, longest: 'four' },
    { words: 1, longest: 'six' },
    { words: 5, longest: 'tremendously' },
  ]);
  // Nothing of the parts has got into the process that asked.
  assert.deepEqual(Object.keys(variables).sort(), ['counts', 'parts', 'text', 'total']);

  // In parallel: each part has begun before the first one had ended.
  const { children, elements } = await system.client.process(pid);
  assert.deepEqual(
    children.map(({ bpmnProcessId, state }) => [bpmnProcessId, state]),
    new Array(4).fill(['count_words', 'completed']),
  );
  const parts = await Promise.all(children.map((child) => system.client.process(child.pid)));
  const begun = parts.map(({ startedAt }) => Date.parse(startedAt));
  const ended = parts.map(({ endedAt }) => Date.parse(endedAt ?? ''));
  assert.ok(Math.max(...begun) <= Math.min(...ended));
  assert.equal(elements.filter(({ elementId }) => elementId === 'count').length, 5, 'a loop and its four instances');
});

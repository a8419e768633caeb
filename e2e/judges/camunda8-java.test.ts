/** The published Java client of Camunda 8 (io.camunda:camunda-client-java 8.9), unmodified, against the real engine: by gRPC and by REST. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { job, payment, zeebe } from '../../packages/rest/src/testing/camunda8.test.ts';
import { startSystem } from '../../packages/rest/src/testing/real-kernel.test.ts';
import { CATCH, MENU, STUCK } from './camunda8-models.ts';
import { javaProgram, skipWithoutJava } from './maven.ts';

const ORDER = payment('order');
/** A worker that is closed does not end its long poll: nobody else is to ask for these jobs. */
const workFor = (type: string): string =>
  zeebe(type, `<bpmn:startEvent id="s" />${job('t', type)}<bpmn:endEvent id="e" />`, ['s->t', 't->e']);
const FORM = JSON.stringify({ id: 'ask', type: 'default', components: [] });

const PROJECT = 'camunda8-java';

/** What the program sees, whichever way it asks. */
const SEEN = [
  'topology 1 8.9.0 HEALTHY',
  'deployed [order:1, catch:1, stuck:1, polled:1, streamed:1] [dish] Menu ask <default>',
  'result {"text":"Grüße"}',
  'job pay t order:1 {method=card} 3 {list=[1, two], n=1} BPMN_ELEMENT <default> true true',
  'again 1 test',
  'polled true',
  'caught COMPLETED',
  'resolved COMPLETED',
  'modified [g]',
  'decided "Salad" salad true',
];
const REFUSED = {
  grpc: {
    deploy: 'INVALID_ARGUMENT',
    create: 'NOT_FOUND',
    await: 'DEADLINE_EXCEEDED',
    cancel: 'NOT_FOUND',
    complete: 'NOT_FOUND',
    publish: 'ALREADY_EXISTS',
  },
  rest: {
    deploy: '400 INVALID_ARGUMENT',
    create: '404 NOT_FOUND',
    await: '504 DEADLINE_EXCEEDED',
    cancel: '404 NOT_FOUND',
    complete: '404 NOT_FOUND',
    publish: '409 ALREADY_EXISTS',
  },
} as const;

describe('io.camunda:camunda-client-java', { skip: skipWithoutJava(PROJECT) }, () => {
  it('deploys, starts, works, publishes, mends and decides, by gRPC and by REST', async (t) => {
    const system = await startSystem({ grpc: true });
    t.after(() => system.stop());
    await system.kernel.ready;
    const folder = mkdtempSync(join(tmpdir(), 'procos-java-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const [polled, streamed] = [workFor('polled'), workFor('streamed')];
    const models = {
      'order.bpmn': ORDER,
      'catch.bpmn': CATCH,
      'stuck.bpmn': STUCK,
      'menu.dmn': MENU,
      'ask.form': FORM,
    };
    const files = { ...models, 'polled.bpmn': polled, 'streamed.bpmn': streamed };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const program = javaProgram(t, PROJECT, 'JudgeClient', [system.url, `http://${system.grpc}`, folder]);
    await program.told('done');
    for (const protocol of ['grpc', 'rest'] as const) {
      const lines = program.lines.filter((line) => line.startsWith(`${protocol} `)).map((line) => line.slice(5));
      const seen = lines.filter((line) => !line.startsWith('refused ') && !line.startsWith('streamed '));
      assert.deepEqual(seen, SEEN, protocol);
      const refused = lines.filter((line) => line.startsWith('refused ')).map((line) => line.slice(8).split(/ (.*)/));
      assert.deepEqual(Object.fromEntries(refused), REFUSED[protocol], protocol);
    }
    assert.ok(program.lines.includes('grpc streamed true'), 'the worker with a stream has done its jobs');
  });
});

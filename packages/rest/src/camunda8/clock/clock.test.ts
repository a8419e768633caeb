/** A clock that is pinned and reset by the published SDKs: what is due then, what may not be, and who may not. Real HTTP. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Camunda8 } from '@camunda8/sdk';
import { camunda8Client, job, zeebe } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';

const DAY = 86_400_000;
const REMINDER = zeebe(
  'reminder',
  `<bpmn:startEvent id="s" /><bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition>
     <bpmn:timeDuration>P2D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
   ${job('t', 'remind')}<bpmn:endEvent id="e" />`,
  ['s->wait', 'wait->t', 't->e'],
);

async function withSystem(options: Parameters<typeof startSystem>[0], work: (system: System) => Promise<void>) {
  const system = await startSystem(options);
  try {
    await work(system);
  } finally {
    await system.stop();
  }
}

async function asked(system: System, method: string, path: string, body?: object, headers = {}) {
  const response = await fetch(`${system.url}/v2${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

describe('the clock of a system that was started for tests', () => {
  it('is pinned two days ahead: the timer rings, a waiting worker gets the job, and time stands still until it is reset', () =>
    withSystem({ pinnableClock: true }, async (system) => {
      await system.deploy({ 'reminder.bpmn': REMINDER });
      const camunda = camunda8Client(system.url);
      await camunda.createProcessInstance({ processDefinitionId: 'reminder' as never });
      const polled = camunda.activateJobs({
        type: 'remind',
        worker: 'w',
        timeout: 60_000,
        maxJobsToActivate: 1,
        requestTimeout: 60_000,
      });
      const at = system.kernel.engine.now() + 2 * DAY + 1_000;
      await camunda.pinClock({ timestamp: at });
      const { jobs } = await polled;
      assert.equal(jobs.length, 1);
      assert.equal(jobs[0]?.deadline, at + 60_000);
      const { now, clockPinnedAt } = await system.get<{ now: string; clockPinnedAt: string }>('/api/system');
      assert.deepEqual([now, clockPinnedAt], [new Date(at).toISOString(), new Date(at).toISOString()]);
      // A lock ends when the clock is pinned to its end.
      await camunda.pinClock({ timestamp: at + 60_000 });
      const again = await camunda.activateJobs({ type: 'remind', worker: 'v', timeout: 1_000, maxJobsToActivate: 1 });
      assert.equal(again.jobs[0]?.jobKey, jobs[0]?.jobKey);
      await camunda.resetClock();
      assert.equal((await system.get<{ clockPinnedAt: unknown }>('/api/system')).clockPinnedAt, null);
      // Time does not go back: it goes on from there.
      assert.ok(system.kernel.engine.now() >= at + 60_000);
    }));

  it('takes the calls of the older SDK, and is in the audit with who asked', () =>
    withSystem({ pinnableClock: true }, async (system) => {
      const { lastSequence } = system.kernel.engine;
      const options = {
        CAMUNDA_AUTH_STRATEGY: 'NONE',
        CAMUNDA_OAUTH_DISABLED: true,
        CAMUNDA_LOG_LEVEL: 'none',
      } as const;
      const camunda = new Camunda8({ ZEEBE_REST_ADDRESS: system.url, ...options }).getCamundaRestClient();
      const at = system.kernel.engine.now() + DAY;
      await camunda.pinInternalClock(at);
      assert.equal(system.kernel.engine.now(), at);
      await camunda.resetClock();
      const turned = system.kernel.engine
        .records(lastSequence, 100)
        .filter(({ command }) => command.endsWith('Clock'))
        .map(({ by, events }) => [by.kind, events[0]]);
      assert.deepEqual(turned, [
        ['anonymous', { type: 'clockPinned', at }],
        ['anonymous', { type: 'clockReset' }],
      ]);
    }));

  it('refuses what is past with the time that it is, and what is no instant', () =>
    withSystem({ pinnableClock: true }, async (system) => {
      const past = await asked(system, 'PUT', '/clock', { timestamp: 1 });
      assert.equal(past.status, 409);
      assert.equal(past.body['title'], 'INVALID_STATE');
      assert.match(
        String(past.body['detail']),
        /time only goes forward: it is 20.*cannot be pinned to 1970-01-01T00:00/,
      );
      for (const timestamp of [-1, 1.5, 'now', null, 8_640_000_000_000_000]) {
        const { status, body } = await asked(system, 'PUT', '/clock', { timestamp });
        assert.deepEqual([status, body['title']], [400, 'INVALID_ARGUMENT'], String(timestamp));
      }
      assert.equal((await asked(system, 'POST', '/clock/reset')).status, 204);
    }));

  it('is not there without the setting, and the refusal names it', () =>
    withSystem({}, async (system) => {
      for (const [method, path] of [
        ['PUT', '/clock'],
        ['POST', '/clock/reset'],
      ] as const) {
        const { status, body } = await asked(system, method, path, { timestamp: Date.now() + DAY });
        assert.deepEqual([status, body['title']], [403, 'FORBIDDEN']);
        assert.match(String(body['detail']), /--clock pinnable/);
      }
      assert.ok(Math.abs(system.kernel.engine.now() - Date.now()) < 60_000);
    }));

  it('is turned by who may operate, and by nobody else', async () => {
    let authorization = '';
    await withSystem(
      { pinnableClock: true, authentication: 'required', authorization: () => authorization },
      async (system) => {
        authorization = `Bearer ${system.kernel.identity.access.setupToken()}`;
        await system.kernel.ready;
        const operations = [
          { do: 'addUser', name: 'root', roles: ['administrator'], password: 'correct horse battery' },
          { do: 'addUser', name: 'dev', roles: ['developer', 'worker'], password: 'correct horse battery' },
          { do: 'addUser', name: 'ops', roles: ['operator'], password: 'correct horse battery' },
        ];
        await system.post('/api/identity-changes', { operations });
        const basic = (name: string) => ({
          authorization: `Basic ${Buffer.from(`${name}:correct horse battery`).toString('base64')}`,
        });
        const at = system.kernel.engine.now() + DAY;
        const pin = async (headers: object) =>
          (await asked(system, 'PUT', '/clock', { timestamp: at }, headers)).status;
        for (let turn = 0; turn < 500 && (await pin(basic('dev'))) !== 403; turn += 1)
          await new Promise((resolve) => setTimeout(resolve, 10));
        assert.equal(await pin({}), 401);
        assert.equal(await pin(basic('dev')), 403);
        assert.ok(system.kernel.engine.now() < at);
        assert.equal(await pin(basic('ops')), 204);
        assert.equal(system.kernel.engine.now(), at);
      },
    );
  });
});

/** What a definition shows of its model: how long its history lives, and whether people may start it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';

interface Shown {
  readonly key: string;
  readonly historyTimeToLive: number | null;
  readonly startableInTasklist: boolean;
}

const model = (id: string, attributes: string) =>
  `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d">
     <process id="${id}" isExecutable="true" ${attributes}>
       <startEvent id="s" /><endEvent id="e" /><sequenceFlow id="f" sourceRef="s" targetRef="e" />
     </process>
   </definitions>`;

describe('a definition', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
    const form = new FormData();
    for (const [id, attributes] of [
      ['months', 'camunda:historyTimeToLive="P30D" camunda:isStartableInTasklist="false"'],
      ['days', 'camunda:historyTimeToLive="5"'],
      ['plain', ''],
    ] as const)
      form.append(id, new Blob([model(id, attributes)]), `${id}.bpmn`);
    const { status } = await fetch(`${system.url}/engine-rest/deployment/create`, { method: 'POST', body: form });
    assert.equal(status, 200);
  });
  after(() => system.stop());

  const shown = async (query: string): Promise<readonly Shown[]> => {
    const all = await system.get<Shown[]>(
      `/engine-rest/process-definition?keysIn=days,months,plain&sortBy=key&sortOrder=asc${query}`,
    );
    return all.map(({ key, historyTimeToLive, startableInTasklist }) => ({
      key,
      historyTimeToLive,
      startableInTasklist,
    }));
  };

  it('shows its time to live in days, and whether it is startable', async () => {
    assert.deepEqual(await shown(''), [
      { key: 'days', historyTimeToLive: 5, startableInTasklist: true },
      { key: 'months', historyTimeToLive: 30, startableInTasklist: false },
      { key: 'plain', historyTimeToLive: null, startableInTasklist: true },
    ]);
  });

  it('takes another time to live at run time, which its ended instances then show; their history can be deleted', async () => {
    const send = (method: string, path: string, body?: unknown) =>
      fetch(`${system.url}/engine-rest${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const [{ id }] = await system.get<[{ id: string }]>('/engine-rest/process-definition?key=plain');
    assert.equal(
      (await send('PUT', `/process-definition/${id}/history-time-to-live`, { historyTimeToLive: 7 })).status,
      204,
    );
    assert.equal(
      (await send('PUT', '/process-definition/key/days/history-time-to-live', { historyTimeToLive: -1 })).status,
      400,
    );
    const started = await send('POST', `/process-definition/${id}/start`, {});
    const { id: instance } = (await started.json()) as { id: string };
    const past = await system.get<{ endTime: string; removalTime: string }>(
      `/engine-rest/history/process-instance/${instance}`,
    );
    assert.equal(Date.parse(past.removalTime) - Date.parse(past.endTime), 7 * 86_400_000);
    assert.equal((await send('DELETE', `/history/process-instance/${instance}`)).status, 204);
    assert.equal((await send('GET', `/history/process-instance/${instance}`)).status, 404);
    const again = await send('DELETE', `/history/process-instance/${instance}`);
    assert.equal(again.status, 404);
    assert.equal(((await again.json()) as { type: string }).type, 'InvalidRequestException');
    assert.equal(
      (await send('PUT', `/process-definition/${id}/history-time-to-live`, { historyTimeToLive: null })).status,
      204,
    );
  });

  it('is found by whether it is startable', async () => {
    assert.deepEqual(
      (await shown('&startableInTasklist=true')).map(({ key }) => key),
      ['days', 'plain'],
    );
    assert.deepEqual(
      (await shown('&notStartableInTasklist=true')).map(({ key }) => key),
      ['months'],
    );
  });
});

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

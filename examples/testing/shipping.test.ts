/** A model for Camunda 8 with a decision: jobs that fail, messages by correlation key, a process that is called. */
import { after, test } from 'node:test';
import { coverage, createTestEngine, type TestEngine } from '@procos/testing';

/** All models of this folder. */
const shipping = (): Promise<TestEngine> => createTestEngine({ resources: [new URL('.', import.meta.url)] });

test('the parcel is delivered', async () => {
  const engine = await shipping();
  engine.worker('hand-over', ({ variables }) => ({ variables: { tracking: `T-${variables['to']}` } }));
  const order = await engine.start('shipping', { variables: { weight: 0.4 } });
  order.assertVariables({ carrier: 'post', tracking: 'T-post' }).assertWaitingOnlyAt('wait');
  await engine.publishMessage('delivered', { correlationKey: 'T-post' });
  order.assertEnded('done');
});

test('a parcel that does not come is searched for', async () => {
  const engine = await shipping();
  engine.worker('hand-over', { tracking: 'T1' });
  const search = await engine.mockProcess('parcel-search', { found: true });
  const order = await engine.start('shipping', { variables: { weight: 12 } });
  await engine.advance('P3D');
  order.assertEnded('searched').assertVariables({ carrier: 'parcel service', found: true });
  if (search.calls[0]?.variables['parcel'] !== 'T1') throw new Error('The search was not told what to look for.');
});

test('handing over is tried again, then it is an incident that somebody resolves', async () => {
  const engine = await shipping();
  let working = false;
  const carrier = engine.worker('hand-over', () => {
    if (!working) throw new Error('The carrier does not answer.');
    return { variables: { tracking: 'T2' } };
  });
  const order = await engine.start('shipping', { variables: { weight: 900 } });
  await engine.advance('PT1M');
  order.assertIncident('hand_over', 'does not answer').assertVariables({ carrier: 'haulier' });
  if (carrier.calls.length !== 3) throw new Error(`It was tried ${carrier.calls.length} times.`);
  working = true;
  await order.resolveIncidents();
  order.assertNoIncidents().assertWaitingOnlyAt('wait');
});

after(() => {
  coverage.assertAtLeast(100, 'shipping');
  coverage.assertAtLeast(100, 'carrier');
});

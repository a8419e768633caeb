/** A model for Camunda 7: workers as functions, a user task, a timer, a business error. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { BpmnError, coverage, createTestEngine, type TestEngine } from '@procos/testing';

/** The worker as it runs in production: it is passed to `createWorker` there, and to the test engine here. */
function lookUp({ variables }: { readonly variables: Readonly<Record<string, unknown>> }) {
  if (variables['contract'] === 'none') throw new BpmnError('NO_CONTRACT', 'There is no such contract.');
  return { localVariables: { limit: 500 } };
}

async function claims(): Promise<TestEngine> {
  const engine = await createTestEngine({ resources: [new URL('claim.bpmn', import.meta.url)] });
  engine.worker('contract-lookup', lookUp);
  engine.worker('payment', { paid: true });
  return engine;
}

test('a small claim is paid at once', async () => {
  const engine = await claims();
  const claim = await engine.start('claim', { variables: { contract: 'C1', amount: 300 } });
  claim.assertEnded('paid').assertNotPassed('decide').assertVariables({ paid: true });
});

test('a large claim waits for a decision, and reminds of it after two days', async () => {
  const engine = await claims();
  const mail = engine.worker('mail', {});
  const claim = await engine.start('claim', { variables: { contract: 'C1', amount: 3000 } });
  claim.assertWaitingOnlyAt('decide');
  assert.deepEqual(claim.task('decide').candidateGroups, ['claims']);
  await engine.advance('P1DT23H');
  assert.equal(mail.calls.length, 0);
  await engine.advance('PT1H');
  assert.equal(mail.calls.length, 1);
  claim.assertPassed('two_days', 'remind').assertWaitingAt('decide');
  await claim.completeTask('decide', { approve: true });
  claim.assertEnded('paid').assertPassedInOrder('remind', 'decide', 'pay');
});

test('a large claim may be refused', async () => {
  const engine = await claims();
  const claim = await engine.start('claim', { variables: { contract: 'C1', amount: 3000 } });
  await claim.task('decide').claim('ada');
  await claim.completeTask('decide', { approve: false });
  claim.assertEnded('refused').assertNotPassed('pay');
});

test('nobody is paid without a contract', async () => {
  const engine = await claims();
  const claim = await engine.start('claim', { variables: { contract: 'none', amount: 300 } });
  claim.assertEnded('not_insured').assertNotPassed('look_up', 'pay');
});

after(() => coverage.assertAtLeast(100, 'claim'));

/** What a worker says about a job of a Camunda 8 task listener, in the words of Camunda 8. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readResult } from './result.ts';

describe('the result of a task listener', () => {
  it('corrects what is given: null leaves it as it is, empty text clears it', () => {
    const corrections = {
      assignee: '',
      dueDate: '2026-01-01T00:00:00Z',
      followUpDate: '',
      candidateUsers: ['ada'],
      candidateGroups: null,
      priority: 80,
    };
    assert.deepEqual(readResult({ corrections }), {
      result: {
        denied: false,
        corrections: {
          assignee: null,
          dueAt: Date.UTC(2026, 0, 1),
          followUpAt: null,
          candidateUsers: ['ada'],
          priority: 80,
        },
      },
    });
  });

  it('denies, and says nothing where there is none', () => {
    assert.deepEqual(readResult({ denied: true }), { result: { denied: true } });
    assert.deepEqual(readResult(undefined), {});
    assert.throws(() => readResult({ corrections: { dueDate: 'tomorrow' } }), /Cannot read the date 'tomorrow'/);
  });
});

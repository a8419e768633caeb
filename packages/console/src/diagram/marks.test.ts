/** Where tokens are drawn, and where they are seen to go. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ElementRow } from '@procos/protocol';
import { type Mark, marksOfProcess, movesBetween } from './marks.ts';

const visit = (elementInstanceId: string, elementId: string, change: Partial<ElementRow> = {}): ElementRow => ({
  elementInstanceId,
  elementId,
  elementName: null,
  elementType: 'serviceTask',
  scopeId: 'process',
  outcome: 'active',
  startedAt: '2025-01-01T00:00:00Z',
  endedAt: null,
  calledPid: null,
  ...change,
});
const marked = (elements: readonly ElementRow[]): Record<string, Mark> =>
  Object.fromEntries(
    marksOfProcess({ elements, incidents: [], bpmnProcessId: 'p' }).map((mark) => [mark.elementId, mark]),
  );

describe('marks', () => {
  it('a token stands on the innermost visit, what encloses it is only marked as around it', () => {
    const marks = marked([visit('1', 'sub'), visit('2', 'task', { scopeId: '1' })]);
    assert.deepEqual([marks['sub']?.active, marks['sub']?.around], [0, true]);
    assert.deepEqual([marks['task']?.active, marks['task']?.around], [1, false]);
  });

  it('several visits of one element are counted, the ended ones leave a trail', () => {
    const marks = marked([visit('1', 'a', { outcome: 'completed' }), visit('2', 'a'), visit('3', 'a')]);
    assert.deepEqual([marks['a']?.active, marks['a']?.done], [2, true]);
  });

  it('a canceled visit leaves no trail', () => {
    assert.deepEqual(marked([visit('1', 'a', { outcome: 'canceled' })]), {});
  });

  it('only open incidents are drawn', () => {
    const incident = { kind: 'x', elementId: 'a', message: 'm', createdAt: '', resolvedAt: null, recovery: null };
    const marks = marksOfProcess({
      elements: [],
      bpmnProcessId: 'p',
      incidents: [
        { ...incident, incidentId: '1', state: 'open' },
        { ...incident, incidentId: '2', elementId: 'b', state: 'resolved' },
      ],
    });
    assert.deepEqual(
      marks.map(({ elementId, incidents, message }) => [elementId, incidents, message]),
      [['a', 1, 'm']],
    );
  });

  it('a token that appears came from one that left', () => {
    const before = marksOfProcess({ elements: [visit('1', 'a')], incidents: [], bpmnProcessId: 'p' });
    const after = marksOfProcess({
      elements: [visit('1', 'a', { outcome: 'completed' }), visit('2', 'b')],
      incidents: [],
      bpmnProcessId: 'p',
    });
    assert.deepEqual(movesBetween(before, after), [{ to: 'b', from: ['a'] }]);
    assert.deepEqual(movesBetween([], after), []);
  });
});

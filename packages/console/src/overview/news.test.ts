/** Which lines of the feed the overview shows. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FeedLine } from '../api/feed.ts';
import { newsOf } from './news.ts';

const line = (id: string, type: string, more: Partial<FeedLine> = {}): FeedLine => ({
  id,
  type,
  text: '',
  sequence: 1,
  at: '2025-01-01T00:00:00Z',
  by: 'kernel:alarm',
  command: 'x',
  ...more,
});
const shown = (...lines: readonly FeedLine[]): readonly string[] => newsOf(lines, '7').map(({ id }) => id);

describe('news', () => {
  it('the health check and the steps of PID 1 do not push out what people did', () => {
    const check = { pid: '9', bpmnProcessId: 'procos_system_health_monitoring' };
    assert.deepEqual(
      shown(
        line('task', 'userTaskCreated', { pid: '8' }),
        line('root', 'elementActivated', { pid: '7' }),
        line('check', 'processInstanceCreated', check),
        line('step', 'elementActivated', { pid: '9' }),
      ),
      ['task'],
    );
  });

  it('what goes wrong is shown, wherever it does', () => {
    const check = { pid: '9', bpmnProcessId: 'procos_system_health_monitoring' };
    assert.deepEqual(
      shown(line('check', 'processInstanceCreated', check), line('alarm', 'incidentRaised', { pid: '9' })),
      ['alarm'],
    );
  });

  it('a deployment, which is of no instance, is shown', () => {
    assert.deepEqual(shown(line('deployed', 'deploymentCreated'), line('set', 'variablesSet')), ['deployed']);
  });
});

/** Whom a model lets do what: asked where the roles of who asks are known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command, State } from '@procos/engine';
import type { Caller } from '../identity/caller.ts';
import { rolesHeld, shutByModel } from './access.ts';

const definition = {
  id: 3,
  bpmnProcessId: 'orders',
  model: {
    capabilities: {
      access: [
        [
          { role: 'clerk', may: ['start', 'complete'] },
          { role: 'boss', may: ['change'] },
        ],
      ],
    },
  },
};
const open = { id: 4, bpmnProcessId: 'open', model: { capabilities: {} } };
const rows = (...all: readonly { readonly id: number }[]) => ({
  get: (id: number) => all.find((row) => row.id === id),
});
const state = {
  definitions: {
    ...rows(definition, open),
    latest: (name: string) => [definition, open].find(({ bpmnProcessId }) => bpmnProcessId === name),
  },
  instances: rows({ id: 7, definitionId: 3 } as { id: number }),
  notes: rows(
    { id: 11, processInstanceId: 7 } as { id: number },
    { id: 12, processInstanceId: 6 } as { id: number },
    { id: 13, processInstanceId: 5 } as { id: number },
  ),
  userTasks: rows({ id: 9, processInstanceId: 7 } as { id: number }),
  externalTasks: rows({ id: 20, processInstanceId: 7, definitionId: 3 } as { id: number }),
  incidents: rows({ id: 21, processInstanceId: 7, definitionId: 3 } as { id: number }),
  timers: rows({ id: 22, processInstanceId: 7, definitionId: 3 } as { id: number }),
} as unknown as State;

function ask(command: Command, ...roles: string[]): string | undefined {
  const caller: Caller = { kind: 'user', id: 'ada', roles, groups: [], permissions: new Set() };
  const held = rolesHeld(caller, () => caller);
  return held === undefined ? undefined : shutByModel(command, state, caller, held, (id) => (id === 6 ? 3 : undefined));
}
const start: Command = { type: 'createProcessInstance', definition: { bpmnProcessId: 'orders' } };

test('a model lets in whom it names, each for what it says, and an administrator', () => {
  assert.equal(ask(start, 'viewer', 'clerk'), undefined);
  assert.equal(
    ask(start, 'boss'),
    'ada may not start process orders: to start it takes the role clerk, says its procos:security block.',
  );
  assert.match(ask({ type: 'createProcessInstance', definition: { definitionId: 3 } }) ?? '', /to start it takes/);
  assert.equal(ask({ type: 'completeUserTask', userTaskId: 9 }, 'clerk'), undefined);
  assert.match(ask({ type: 'completeUserTask', userTaskId: 9 }, 'boss') ?? '', /to complete it takes the role clerk/);
  assert.match(
    ask({ type: 'cancelProcessInstance', processInstanceId: 7 }, 'clerk') ?? '',
    /to change it takes the role boss/,
  );
  assert.equal(ask({ type: 'cancelProcessInstance', processInstanceId: 7 }, 'boss'), undefined);
  assert.equal(ask(start, 'administrator'), undefined);
});

test('whatever somebody does to an instance from outside changes it: who may not finds no other way', () => {
  const changes: readonly Command[] = [
    { type: 'setSuspension', target: { processInstanceId: 7 }, suspended: true },
    { type: 'setSuspension', target: { definitionId: 3 }, suspended: true },
    { type: 'setSuspension', target: { externalTaskId: 20 }, suspended: true },
    { type: 'setExternalTaskRetries', externalTaskId: 20, retries: 1 },
    { type: 'setExternalTaskPriority', externalTaskId: 20, priority: 1 },
    { type: 'resolveIncident', incidentId: 21 },
    { type: 'annotateIncident', incidentId: 21, annotation: 'seen' },
    { type: 'triggerTimer', timerId: 22 },
    { type: 'removeHistory', target: { processInstanceIds: [7] }, atMost: 1 },
    // Over, and in no state any more.
    { type: 'removeHistory', target: { processInstanceIds: [5, 6] }, atMost: 1 },
    { type: 'removeHistory', target: { processInstanceId: 6, overBy: 1 }, atMost: 1 },
  ];
  for (const command of changes) {
    assert.match(ask(command, 'clerk') ?? '', /ada may not change process orders/, command.type);
    assert.equal(ask(command, 'boss'), undefined, command.type);
  }
  // Nothing that a model decides, or nothing that is known.
  for (const command of [
    { type: 'removeHistory', target: { decisionInstanceIds: [1] }, atMost: 1 },
    { type: 'resolveIncident', incidentId: 99 },
    { type: 'triggerTimer', timerId: 99 },
  ] as const satisfies readonly Command[])
    assert.equal(ask(command, 'clerk'), undefined, command.type);
});

test('who may not complete it changes nothing of what was said there, also when it is over', () => {
  for (const noteId of [11, 12]) {
    const change: Command = { type: 'changeComment', noteId, text: 'x' };
    assert.match(ask(change, 'boss') ?? '', /ada may not complete process orders/);
    assert.equal(ask(change, 'clerk'), undefined);
    // 13 is of an instance that nothing is known of any more.
    assert.match(ask({ type: 'removeNotes', noteIds: [13, noteId] }, 'boss') ?? '', /ada may not complete/);
  }
});

test('who may not start a process does not have PID 1 start it either', () => {
  const request = (process: string): Command => {
    const variables = { request: { type: 'Json', value: { process } } } as const;
    return { type: 'publishMessage', name: 'procos.user_request', correlationKey: '', timeToLiveMs: 1, variables };
  };
  assert.match(
    ask(request('orders'), 'boss') ?? '',
    /^ada may not start process orders: to start it takes the role clerk/,
  );
  assert.equal(ask(request('orders'), 'clerk'), undefined);
  assert.equal(ask(request('open')), undefined);
});

test('a model without accessControl lets everybody in', () => {
  assert.equal(ask({ type: 'createProcessInstance', definition: { bpmnProcessId: 'open' } }), undefined);
  assert.equal(ask({ type: 'createProcessInstance', definition: { bpmnProcessId: 'nobody' } }), undefined);
});

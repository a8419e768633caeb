/** The rules of the gate. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Subject } from '@procos/engine';
import { createMemoryStore } from '@procos/store';
import { createGate } from '../gate.ts';
import type { Caller } from '../identity/caller.ts';
import { Directory } from '../identity/directory.ts';
import type { Question } from '../kernel-port.ts';
import { decide, type Rules } from './decide.ts';

const resolve = (subject: Subject): Caller => ({ ...subject, roles: [], groups: [], permissions: new Set() });
const RULES: Rules = { authentication: 'none', resolve };
const ask = (question: Partial<Question>) =>
  decide({ subject: { kind: 'anonymous', id: 'anonymous' }, action: 'processInstance.create', ...question }, RULES);

test('the kernel may do everything', () => {
  assert.equal(ask({ subject: { kind: 'kernel', id: 'boot' }, action: 'systemCall.use' }).allowed, true);
});

test('without authentication, whoever asks from this machine may do what a person may do', () => {
  assert.equal(ask({ resource: { connection: 'loopback' } }).allowed, true);
  assert.equal(ask({ action: 'system.shutdown' }).allowed, true);
});

test('without authentication nobody may do anything from elsewhere', () => {
  const decision = ask({ resource: { connection: 'remote' } });
  assert.ok(!decision.allowed && /authentication/.test(decision.reason));
});

test('only a process deployed from the source "system" may use a system call', () => {
  const subject = { kind: 'worker', id: 'mine' } as const;
  const about = { topic: 'procos.power.off', bpmnProcessId: 'mine' };
  const refused = ask({ subject, action: 'systemCall.use', resource: { ...about, source: 'console' } });
  assert.ok(!refused.allowed && /mine.*procos\.power\.off.*source "system"/.test(refused.reason));
  assert.equal(ask({ subject, action: 'systemCall.use', resource: { ...about, source: 'system' } }).allowed, true);
});

test('nobody outside the kernel may serve a system call', () => {
  const gate = createGate(RULES, new Directory((read) => read(createMemoryStore().state.identities)));
  const subject = { kind: 'worker', id: 'kernel' } as const;
  const decision = gate.decide({ subject, action: 'systemCall.serve', resource: { topic: 'procos.power.off' } });
  assert.ok(!decision.allowed && /belong to the kernel/.test(decision.reason));
});

test('nobody changes what a batch is to do: it acts in the name of who started it', () => {
  const decision = ask({ action: 'batch.change' });
  assert.ok(!decision.allowed && /cancel it/.test(decision.reason));
});

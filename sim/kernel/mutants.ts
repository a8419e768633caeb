/** Planted faults, one line each: the simulator counts for something only when it finds every one of them. */

export interface Mutant {
  readonly name: string;
  /** From the root of the project. */
  readonly file: string;
  /** Occurs once in the file. */
  readonly find: string;
  readonly replace: string;
}

const KERNEL = 'packages/kernel/src';
const STORE = 'packages/store/src';
const ENGINE = 'packages/engine/src';

export const MUTANTS: readonly Mutant[] = [
  // The kernel.
  {
    name: 'a command is answered before the commit',
    file: `${KERNEL}/loop.ts`,
    find: 'if (this.#run(job, records, at)) done.push(job);',
    replace: 'if (this.#run(job, records, at)) job.answer();',
  },
  {
    name: 'a command is answered though the commit failed',
    file: `${KERNEL}/loop.ts`,
    find: '      } else this.fail(error);',
    replace: '      } else {\n for (const job of done) job.answer();\n this.fail(error);\n }',
  },
  {
    name: 'a command is answered though there was no room for it',
    file: `${KERNEL}/loop.ts`,
    find: 'for (const job of jobs) job.refuse(storageFull());',
    replace: 'for (const job of jobs) job.answer();',
  },
  {
    name: 'what there was no room for is not undone',
    file: `${KERNEL}/loop.ts`,
    find: '      this.#options.store.rollback();\n    } catch',
    replace: '    } catch',
  },
  {
    name: 'the last command of a batch gets no answer',
    file: `${KERNEL}/loop.ts`,
    find: 'for (const job of done) job.answer();',
    replace: 'for (const job of done.slice(0, Math.max(1, done.length - 1))) job.answer();',
  },
  {
    name: 'two records of a batch get the same sequence',
    file: `${KERNEL}/loop.ts`,
    find: 'store.lastSequence + records.length + 1',
    replace: 'store.lastSequence + Math.max(1, records.length)',
  },
  {
    name: 'time stands still after the wall clock was set back',
    file: `${KERNEL}/engine-time.ts`,
    find: 'this.#last + (readAt - this.#readAt) / 2',
    replace: 'this.#last',
  },
  {
    name: 'a wall clock that is set forward ends locks',
    file: `${KERNEL}/loop.ts`,
    find: 'const command = this.#options.onClockAhead?.(at - byMs, byMs);',
    replace: 'const command = undefined;',
  },
  {
    name: 'timers ring a second early',
    file: `${KERNEL}/alarm.ts`,
    find: '.due(now, this.#batch + this.#resting.size)',
    replace: '.due(now + 1_000, this.#batch + this.#resting.size)',
  },
  {
    name: 'the alarm is set once only',
    file: `${KERNEL}/alarm.ts`,
    find: 'if (this.#cancel && next === this.#armedFor) return;',
    replace: 'if (this.#cancel) return;',
  },
  {
    name: 'messages never expire',
    file: `${KERNEL}/alarm.ts`,
    find: 'messages.expired(now, this.#batch).map(({ id }) => id)',
    replace: '[] as number[]',
  },
  {
    name: 'a waiting worker is not woken by new work',
    file: `${KERNEL}/waiters.ts`,
    find: 'for (const name of woken) this.#hand(name);',
    replace: '',
  },
  {
    name: 'a waiting worker is not woken by the end of a lock',
    file: `${KERNEL}/waiters.ts`,
    find: 'this.#cancelAlarm = this.#options.clock.after(Math.min(delay, this.#recheckMs), () => this.#ring());',
    replace: '',
  },
  {
    name: 'an answered request keeps its wake-up',
    file: `${KERNEL}/waiters.ts`,
    find: '    waiter.gone = true;\n    waiter.release();',
    replace: '    waiter.gone = true;',
  },
  {
    name: 'anybody may change PID 1',
    file: `${KERNEL}/policy/reserved.ts`,
    find: 'if (root === null) return false;',
    replace: 'return false;',
  },
  // The store.
  {
    name: 'the disk says that it has synced, and has not',
    file: 'sim/kernel/disk.ts',
    find: 'this.#sync(faults, onDurable);',
    replace: 'if (faults === NO_FAULTS) this.#sync(faults, onDurable);\n          else onDurable(open);',
  },
  {
    name: 'recovery drops the last record',
    file: 'sim/kernel/disk.ts',
    find: 'for (const entry of this.log) memory',
    replace: 'for (const entry of this.log.slice(0, -1)) memory',
  },
  {
    name: 'identities start anew after a restart',
    file: `${STORE}/core.ts`,
    find: 'this.#committed.lastId = recordOf(last).lastId;',
    replace: '',
  },
  {
    name: 'the time of the last record is forgotten at a restart',
    file: `${STORE}/core.ts`,
    find: 'this.#lastAt = last.at;\n      this.#lastHash',
    replace: 'this.#lastHash',
  },
  {
    name: 'the records of a batch are not chained',
    file: `${STORE}/core.ts`,
    find: '          lastHash = entry.hash;\n',
    replace: '',
  },
  {
    name: 'timers are not written',
    file: `${STORE}/table.ts`,
    find: '    this.#stored.writeAll(whole);',
    replace: "if (this.#spec.name !== 'timers') this.#stored.writeAll(whole);",
  },
  {
    name: 'deleted rows come back',
    file: `${STORE}/table.ts`,
    find: '    this.#stored.removeAll(removed);',
    replace: '',
  },
  {
    name: 'a single variable is lost in encoding',
    file: `${STORE}/instance-codec.ts`,
    find: 'element.variables.size === 0 ? 0',
    replace: 'element.variables.size < 2 ? 0',
  },
  {
    name: 'the first iteration of a loop is lost in encoding',
    file: `${STORE}/instance-codec.ts`,
    find: 'element.loopIndex === null ? 0 : element.loopIndex + 1',
    replace: 'element.loopIndex ?? 0',
  },
  {
    name: 'the views move on without their rows',
    file: `${STORE}/follower.ts`,
    find: 'for (const table of this.#tables) table.write();',
    replace: '',
  },
  {
    name: 'look-ups find what is due a millisecond later',
    file: `${STORE}/spec.ts`,
    find: 'cell > upTo) return false;',
    replace: 'cell > upTo + 1) return false;',
  },
  // The engine.
  {
    name: 'a lock lasts a millisecond longer than asked',
    file: `${ENGINE}/commands/fetch-and-lock.ts`,
    find: 'lockExpiresAt: turn.now + request.lockMs',
    replace: 'lockExpiresAt: turn.now + request.lockMs + 1',
  },
  {
    name: 'a stale fencing token is accepted',
    file: `${ENGINE}/commands/external-task-holder.ts`,
    find: 'holder.lockCount !== lockCount)',
    replace: 'holder.lockCount > lockCount)',
  },
  {
    name: 'any worker may report on a task',
    file: `${ENGINE}/commands/external-task-holder.ts`,
    find: 'if (current !== holder.workerId)',
    replace: 'if (current === null)',
  },
  {
    name: 'anybody may report on what a process does',
    file: `${ENGINE}/commands/external-task-holder.ts`,
    find: 'if (serving === undefined) return undefined;',
    replace: 'return undefined;',
  },
  {
    name: 'what a process does not declare is work all the same',
    file: `${ENGINE}/actions/capabilities.ts`,
    find: 'if (verdict.allowed) return undefined;',
    replace: 'return undefined;',
  },
  {
    name: 'a new lock has the fencing token of the old one',
    file: `${ENGINE}/commands/fetch-and-lock.ts`,
    find: 'lockCount: task.lockCount + 1',
    replace: 'lockCount: Math.max(1, task.lockCount)',
  },
  {
    name: 'PID 1 is started twice',
    file: `${ENGINE}/commands/create-process-instance.ts`,
    find: 'if (running !== undefined) return { ok: true, value: running };',
    replace: '',
  },
  {
    name: 'a timer that has rung stays',
    file: `${ENGINE}/appliers/appliers.ts`,
    find: '      return;\n    }\n    state.timers.delete(timer.id);',
    replace: '      return;\n    }',
  },
  {
    name: 'subscriptions outlive their element',
    file: `${ENGINE}/appliers/appliers.ts`,
    find: 'for (const id of element.subscriptions) state.subscriptions.delete(id);',
    replace: '',
  },
  {
    name: 'a scope does not count what begins inside',
    file: `${ENGINE}/appliers/appliers.ts`,
    find: 'scope.children += 1;',
    replace: 'scope.children = Math.max(1, scope.children);',
  },
  {
    name: 'a join takes only one of its tokens',
    file: `${ENGINE}/appliers/appliers.ts`,
    find: 'for (const flowId of event.consumedFlows) addToken',
    replace: 'for (const flowId of event.consumedFlows.slice(0, 1)) addToken',
  },
  {
    name: 'a parallel join opens with its first token',
    file: `${ENGINE}/elements/parallel-gateway.ts`,
    find: 'element.incoming.every((flowId) => scope.self.tokens.has(flowId)) ? element.incoming : undefined',
    replace: 'element.incoming.filter((flowId) => scope.self.tokens.has(flowId))',
  },
  {
    name: 'a message for one receiver is delivered twice',
    file: `${ENGINE}/actions/messages.ts`,
    find: 'if (message.once) turn.emit',
    replace: 'if (message.once && message.takenBy.length > 0) turn.emit',
  },
  {
    name: 'the work of a canceled task can still be done',
    file: `${ENGINE}/actions/cancel.ts`,
    find: 'if (element.externalTaskId !== null)',
    replace: 'if (element.externalTaskId === -1)',
  },
  {
    name: 'one instance more than its owner allows begins',
    file: `${ENGINE}/state/controls.ts`,
    find: '(control.living ?? 0) >= instances.value',
    replace: '(control.living ?? 0) > instances.value',
  },
  {
    name: 'one external task more than its owner allows is open',
    file: `${ENGINE}/actions/limits.ts`,
    find: 'if (tasks >= open.value)',
    replace: 'if (tasks > open.value)',
  },
  {
    name: 'what has ended is still counted as alive',
    file: `${ENGINE}/appliers/appliers.ts`,
    find: '  countLiving(state, instance, -1);\n  state.instances.delete(id);',
    replace: '  state.instances.delete(id);',
  },
  {
    name: 'a cycle forgets that it has rung',
    file: 'packages/bpmn/src/time/cycle.ts',
    find: 'remaining === null ? null : remaining - 1',
    replace: 'remaining',
  },
];

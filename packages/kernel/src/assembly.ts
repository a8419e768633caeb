/** Puts the parts of the kernel together; nothing runs yet. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readProcesses } from '@procos/bpmn';
import { apply, execute, familyOf, freezeInstance, type Subject } from '@procos/engine';
import { Alarm } from './alarm.ts';
import { createBareEngine, createLargeValues, createWaiters, read } from './bare-engine.ts';
import { TRUSTED_KEYS } from './bundle/settings.ts';
import { type Clock, systemClock } from './clock.ts';
import { flowOf, NOBODYS } from './command-flow.ts';
import { EmbeddedEngine } from './embedded-engine.ts';
import { FairShare, weightsOf } from './fair-share.ts';
import { type HostExit, Hosts } from './hosts.ts';
import { createIdentity, type Identity } from './identity/identity.ts';
import type { KernelOptions } from './kernel-options.ts';
import type { Gate, HostSpec } from './kernel-port.ts';
import { keepLocks } from './locks.ts';
import { KernelLog, messageOf, stackOf } from './log.ts';
import { CommandLoop } from './loop.ts';
import { type Machine, thisMachine } from './machine.ts';
import { tellOfClock } from './pinned-clock.ts';
import { tellHosts } from './policy/owner-policy.ts';
import { KERNEL_WORKER } from './policy/reserved.ts';
import { Recoveries } from './recovery/recoveries.ts';
import { ServiceRegistry } from './services/registry.ts';
import type { Power } from './system-calls/power.ts';
import { createSystemCalls } from './system-calls/registry.ts';
import { SystemCallWorker } from './system-calls/worker.ts';
import type { Waiters } from './waiters.ts';
import { WorkerRegistry } from './workers/registry.ts';

export interface Parts {
  readonly clock: Clock;
  readonly machine: Machine;
  readonly log: KernelLog;
  readonly gate: Gate;
  readonly identity: Identity;
  readonly loop: CommandLoop;
  readonly waiters: Waiters;
  readonly alarm: Alarm;
  readonly hosts: Hosts;
  readonly workers: WorkerRegistry;
  readonly services: ServiceRegistry;
  readonly engine: EmbeddedEngine;
  readonly systemCalls: SystemCallWorker;
  readonly recoveries: Recoveries;
}

/** Where the parts reach back into the microkernel. */
export interface Hooks {
  readonly onFatal: (error: unknown) => void;
  readonly onHostExited: (exit: HostExit) => void;
  readonly power: Power;
}

/** More than there can be. */
const ALL = 2 ** 31;
const ALARM: Subject = { kind: 'kernel', id: 'alarm' };
const RETENTION: Subject = { kind: 'kernel', id: 'retention' };
const HEALTH: Subject = { kind: 'kernel', id: 'health' };

export function assemble(options: KernelOptions, hooks: Hooks): Parts {
  const { store, timings = {} } = options;
  const clock = options.clock ?? systemClock;
  const machine = options.machine ?? thisMachine;
  const zone = options.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const log = typeof options.log === 'string' ? new KernelLog({ level: options.log }) : options.log;
  const loop: CommandLoop = new CommandLoop({
    store,
    engine: { execute, apply },
    clock,
    zone,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.undeclared === undefined ? {} : { undeclared: options.undeclared }),
    systemByName: systemByName(options),
    rolesOf: (by) => identity.rolesOf(by),
    onFatal: hooks.onFatal,
    onAssertion: (command, error) => {
      const fields = { command, message: messageOf(error), stack: stackOf(error) };
      log.error('engine_assertion', `Internal error while running ${command}; it was undone.`, fields);
    },
    onStorage: (full) => {
      if (full) log.error('storage_full', 'The disk of the store is full: commands are refused until there is room.');
      else {
        log.info('storage_free', 'The disk of the store has room again.');
        // Who had been woken for a task was refused, and the others have heard of nothing.
        waiters.wakeAll();
      }
    },
    onClockBehind: (ms) => {
      const text = `The clock of this machine is ${ms} ms behind the last record; the engine's time goes at half speed until it has caught up.`;
      log.warn('clock_behind', text, { behind_ms: ms });
    },
    onClockAhead: (since, byMs) => {
      // It sleeps for what was not due by then; a timer that comes now may be due after what is overdue, and would not wake it.
      alarm.rearm();
      // Who pins the clock turns it for every worker; what the kernel itself is doing goes on.
      if (loop.time.pinnedAt !== null) return keepLocks(store, since, byMs, KERNEL_WORKER);
      const command = keepLocks(store, since, byMs);
      const locks = command?.externalTaskIds.length ?? 0;
      const text = `The clock of this machine went ${byMs} ms further than time did; ${locks} locks were moved with it.`;
      log.warn('clock_ahead', text, { ahead_ms: byMs, locks });
      return command;
    },
    onClockTurned: () => {
      tellOfClock(log, loop.time.pinnedAt);
      alarm.rearm();
      waiters.rearm();
    },
    onRan: (records) => waiters.onRan(records),
  });
  const waiters: Waiters = createWaiters({ loop, store, clock });
  const largeValues = createLargeValues(options, { loop, store, clock });
  const workers = new WorkerRegistry(clock);
  const services = new ServiceRegistry(clock);
  const { timers, messages } = store.state;
  const alarm: Alarm = new Alarm({
    clock,
    now: () => loop.now(),
    untilMs: (at) => loop.time.untilMs(at),
    timers: {
      due: (now, limit) => read(loop, () => timers.due(now, limit), []),
      nextDueAt: () => read(loop, () => timers.nextDueAt(), undefined),
      definitions: () => read(loop, () => timers.definitions(), []),
      dueOf: (definitionId, now, limit) => read(loop, () => timers.dueOf(definitionId, now, limit), []),
    },
    flowOf: (definitionId) => read(loop, () => flowOf(definitionId, store.state), NOBODYS),
    turns: new FairShare(weightsOf(store.state)),
    messages: {
      expired: (now, limit) => read(loop, () => messages.expired(now, limit), []),
      nextExpiryAt: () => read(loop, () => messages.nextExpiryAt(), undefined),
    },
    triggerTimer: (timerId) => loop.submit({ type: 'triggerTimer', timerId }, ALARM),
    expireMessages: (messageIds) => loop.submit({ type: 'expireMessages', messageIds }, ALARM),
  });
  const { gate, ...identity } = createIdentity({
    authentication: options.authentication ?? 'none',
    read: (ask) => engine.readState(({ identities }) => ask(identities)),
    now: () => clock.wallNow(),
    onWrong: (user, address) => {
      // A name that is none may be a password that was typed into the wrong field.
      log.warn('login_refused', `Wrong password of ${user ?? 'no user'} from ${address}.`, { user, address });
    },
    engine: () => engine,
    submit: (command, by) => loop.submit(command, by),
  });
  const hosts = new Hosts({
    specs: withToken(options.hosts, identity),
    log,
    clock,
    onExited: hooks.onHostExited,
    readyMs: timings.hostReadyMs ?? 15_000,
    ...(timings.hostSilentMs === undefined ? {} : { silentMs: timings.hostSilentMs }),
  });
  const { delegates = {} } = options;
  const backups = options.backups ?? join(dirname(store.description.path ?? tmpdir()), 'backups');
  const readModels = (xml: string) => readProcesses(xml, { delegates });
  const calls = createSystemCalls({
    hosts,
    log,
    clock,
    machine,
    store: store.description,
    noop: () => loop.submit({ type: 'expireMessages', messageIds: [] }, HEALTH),
    power: hooks.power,
    drainMs: timings.hostDrainMs ?? 10_000,
    backups,
    batch: {
      clock,
      engine: () => engine,
      refusal: (command, by) => engine.refusal(command, by)?.message,
      submit: (command, by) => loop.submit(command, by),
    },
    snapshots: {
      engine: () => engine,
      version: options.version,
      folder: options.snapshots ?? join(dirname(store.description.path ?? tmpdir()), 'snapshots'),
      blobs: store.blobs,
      rootInstanceId: () => store.state.singletons.rootInstanceId,
      storeName: () => {
        const root = store.state.singletons.rootInstanceId;
        const startedAt = root === null ? undefined : store.state.instances.get(root)?.startedAt;
        return `${root}@${startedAt === undefined ? '' : new Date(startedAt).toISOString()}`;
      },
      lastId: () => store.ids.last,
      family: (id) => read(loop, () => familyOf(store.state, id), []),
      freeze: (id) => read(loop, () => freezeInstance(store.state, id), undefined),
      messages: () => read(loop, () => store.state.messages.expired(Number.MAX_SAFE_INTEGER, ALL), []),
      refusal: (command, by) => engine.refusal(command, by)?.message,
      submit: (command, by) => loop.submit(command, by),
      bring: (command, by, key) => engine.submit(command, by, key),
    },
    services,
    systemByName: systemByName(options),
    suspend: {
      engine: () => engine,
      refusal: (command, by) => engine.refusal(command, by)?.message,
      submit: (command, by) => loop.submit(command, by),
    },
    incidents: { clock, engine: () => engine, submit: (command, by) => loop.submit(command, by) },
    planFor: (facts) => recoveries.planForFacts(facts),
    deployment: {
      engine: () => engine,
      readProcesses: readModels,
      fourEyes: identity.fourEyes,
      sandbox: () =>
        createBareEngine({
          clock,
          zone,
          gate,
          systemCalls: systemTopics,
          delegates,
          ...(options.limits === undefined ? {} : { limits: options.limits }),
          ...(options.largeValues === undefined ? {} : { largeValues: options.largeValues }),
          ...(options.undeclared === undefined ? {} : { undeclared: options.undeclared }),
          systemByName: systemByName(options),
        }),
    },
    bundles: options.bundles ?? {
      trustedKeys: join(dirname(store.description.path ?? tmpdir()), TRUSTED_KEYS),
      unknown: 'refuse',
    },
    users: {
      ...identity,
      identities: () => store.state.identities,
      engine: () => engine,
      submit: (command, by) => loop.submit(command, by),
      log,
    },
    retention: {
      clock,
      engine: () => engine,
      rootInstanceId: () => store.state.singletons.rootInstanceId,
      submit: (command) => loop.submit(command, RETENTION),
      trimLog: (before, atMost) => read(loop, () => store.trimLog(before, atMost), 0),
      sweepValues: () => read(loop, () => largeValues.sweep(), { removed: 0, more: false }),
      retention: options.retention ?? { historyDays: null, logDays: null },
    },
  });
  const systemTopics = new Set(calls.map(({ topic }) => topic));
  const engine: EmbeddedEngine = new EmbeddedEngine({
    loop,
    store,
    waiters,
    largeValues,
    workers,
    gate,
    fourEyes: identity.fourEyes,
    readProcesses: readModels,
    ...(options.readBefore === undefined || Object.keys(delegates).length > 0
      ? {}
      : { readBefore: options.readBefore }),
    systemCalls: systemTopics,
    ...(options.undeclared === undefined ? {} : { undeclared: options.undeclared }),
    rolesOf: (by) => identity.rolesOf(by),
    systemByName: systemByName(options),
    pinnableClock: options.pinnableClock === true,
    hasBackup: (name) => existsSync(join(backups, name)),
  });
  loop.onCommitted(tellHosts(hosts));
  const systemCalls = new SystemCallWorker({ engine, calls, gate, log, clock });
  const { decisions } = store.state;
  const recoveries = new Recoveries({
    clock,
    log,
    engine: () => engine,
    decision: (id) => {
      const pinned = loop.pinned?.decisions.get(id);
      return read(loop, () => (pinned === undefined ? decisions.latest(id, null) : decisions.get(pinned)), undefined);
    },
    now: () => loop.now(),
    zone,
    submit: (command, by) => loop.submit(command, by),
  });
  return {
    clock,
    machine,
    log,
    gate,
    identity,
    loop,
    waiters,
    workers,
    services,
    alarm,
    hosts,
    engine,
    systemCalls,
    recoveries,
  };
}

/** Worker hosts prove who they are like everybody else: in their environment, which their own user alone can read. */
function withToken(specs: readonly HostSpec[], { access }: Identity): readonly HostSpec[] {
  if (access.authentication === 'none') return specs;
  return specs.map((spec) => ({ ...spec, env: { ...spec.env, PROCOS_TOKEN: access.hostToken } }));
}

/** Without authentication everybody may run everything. */
function systemByName({ authentication }: KernelOptions): boolean {
  return authentication === 'required';
}

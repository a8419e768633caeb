/** What the matrix must have a row for: everything that the executable model can say. */
import type { ElementType, TimerKind } from '@procos/bpmn';
import type { EventKind, Position, Row } from './row.ts';

/** A type that the registry of the engine gains does not compile until it stands here, and then it needs a row. */
const ELEMENTS: Readonly<Record<ElementType, true>> = {
  process: true,
  subProcess: true,
  transaction: true,
  adHocSubProcess: true,
  eventSubProcess: true,
  callActivity: true,
  startEvent: true,
  endEvent: true,
  intermediateCatchEvent: true,
  intermediateThrowEvent: true,
  boundaryEvent: true,
  exclusiveGateway: true,
  inclusiveGateway: true,
  parallelGateway: true,
  eventBasedGateway: true,
  complexGateway: true,
  task: true,
  manualTask: true,
  serviceTask: true,
  sendTask: true,
  businessRuleTask: true,
  expressionTask: true,
  decisionTask: true,
  scriptTask: true,
  userTask: true,
  receiveTask: true,
};

/** How a timer can be written; a cron expression is a cycle. */
const TIMERS: Readonly<Record<TimerKind | 'cron', true>> = { date: true, duration: true, cycle: true, cron: true };

/** Positions by kind: BPMN 2.0.2, table 10.93. A kind that the model gains does not compile until it has its line. */
export const ALLOWED: Readonly<Record<EventKind, readonly Position[]>> = {
  none: ['process start', 'throw', 'end'],
  message: whereCaught('throw', 'end'),
  timer: whereCaught(),
  signal: whereCaught('throw', 'end'),
  conditional: whereCaught(),
  error: ['event sub-process, interrupting', 'boundary, interrupting', 'end'],
  escalation: [
    'event sub-process, interrupting',
    'event sub-process, non-interrupting',
    'boundary, interrupting',
    'boundary, non-interrupting',
    'throw',
    'end',
  ],
  cancel: ['boundary, interrupting', 'end'],
  compensation: ['event sub-process, interrupting', 'boundary, interrupting', 'throw', 'end'],
  link: ['catch', 'throw'],
  terminate: ['end'],
  multiple: whereCaught('throw', 'end'),
  'parallel multiple': whereCaught(),
};

function whereCaught(...more: readonly Position[]): readonly Position[] {
  return [
    'process start',
    'event sub-process, interrupting',
    'event sub-process, non-interrupting',
    'catch',
    'boundary, interrupting',
    'boundary, non-interrupting',
    ...more,
  ];
}

/** Elements, and events at their positions, for which no row says that they run (or partly). */
export function withoutRow(rows: readonly Row[]): string[] {
  const running = rows.filter(({ cells }) => Object.values(cells).some(({ kind }) => kind === 'runs'));
  const elements = Object.keys(ELEMENTS).filter((type) => !running.some(({ element }) => element === type));
  const events = Object.entries(ALLOWED).flatMap(([event, positions]) =>
    positions
      .filter((position) => !running.some((row) => row.event === event && row.position === position))
      .map((position) => `${event}: ${position}`),
  );
  const timers = ALLOWED.timer.flatMap((position) =>
    Object.keys(TIMERS)
      .filter((timer) => !running.some((row) => row.position === position && row.name === `timer, ${timer}`))
      .map((timer) => `timer, ${timer}: ${position}`),
  );
  return [...elements, ...events, ...timers];
}

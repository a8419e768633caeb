/** Event kinds at positions where BPMN 2.0.2 does not allow them: the deploy check refuses every one. */
import assert from 'node:assert/strict';
import { readProcesses } from '@procos/bpmn';
import { ALLOWED } from '../coverage.ts';
import type { Draft } from '../draft.ts';
import type { Lab } from '../lab.ts';
import { type Cell, type EventKind, none, type Position, type Row } from '../row.ts';
import { GROUPS } from './received-events.ts';
import { ELEMENTS } from './thrown-events.ts';

const DRAWN: Readonly<Record<EventKind, (draft: Draft) => string>> = {
  none: () => '',
  message: (draft) => draft.message('paid'),
  timer: (draft) => draft.timer('timeDuration', 'PT1H'),
  signal: (draft) => draft.signal('stop'),
  conditional: (draft) => draft.conditional('x > 1'),
  error: (draft) => draft.error('bad'),
  escalation: (draft) => draft.escalation('late'),
  cancel: (draft) => draft.cancel(),
  compensation: (draft) => draft.compensation(),
  link: (draft) => draft.link('there'),
  terminate: (draft) => draft.terminate(),
  multiple: (draft) => draft.message('paid') + draft.signal('stop'),
  'parallel multiple': (draft) => draft.message('paid') + draft.signal('stop'),
};

/** A process with the event at the position, which is wrong in nothing else. */
function placed(draft: Draft, position: Position, event: EventKind): string {
  const inner = DRAWN[event](draft);
  const attributes = event === 'parallel multiple' ? 'parallelMultiple="true"' : '';
  const plain = draft.start() + draft.work('a') + draft.end() + draft.flows('start > a > end');
  switch (position) {
    case 'process start':
      return draft.start('start', inner, attributes) + draft.end() + draft.flows('start > end');
    case 'event sub-process, interrupting':
    case 'event sub-process, non-interrupting':
      return plain + draft.eventSub('es', inner, position === 'event sub-process, interrupting', attributes);
    case 'catch':
      return draft.start() + draft.catches('wait', inner, attributes) + draft.end() + draft.flows('start > wait > end');
    case 'boundary, interrupting':
    case 'boundary, non-interrupting':
      return (
        plain +
        draft.boundary('on', 'a', inner, position === 'boundary, interrupting', attributes) +
        draft.end('late') +
        draft.flows('on > late')
      );
    case 'throw':
      return draft.start() + draft.throws('tell', inner) + draft.end() + draft.flows('start > tell > end');
    case 'end':
      return draft.start() + draft.end('end', inner) + draft.flows('start > end');
  }
}

async function isRefused(lab: Lab, position: Position, event: EventKind): Promise<void> {
  const { problems } = await readProcesses(lab.draft.file(placed(lab.draft, position, event)));
  const rules = problems.filter(({ severity }) => severity === 'error').map(({ rule }) => rule);
  assert.ok(rules.length > 0, `${event} at ${position} is refused`);
  assert.deepEqual(
    rules.filter((rule) => !FOR_ITS_PLACE.includes(rule)),
    [],
  );
}

const FOR_ITS_PLACE = ['not-executable-here', 'missing-event-definition', 'event-sub-process-start', 'cancel-event'];

/** A transaction with an undoable activity, an error, a cancellation, and what catches each, all said not to interrupt. */
async function interruptsAllTheSame(lab: Lab): Promise<void> {
  const { draft } = lab;
  const inside =
    draft.start('in') +
    draft.work('a') +
    draft.undoneBy('a', draft.work('undo_a', { attributes: 'isForCompensation="true"' })) +
    draft.end('stop', draft.cancel()) +
    draft.flows('in > a > stop') +
    draft.eventSub('undoing', draft.compensation(), false) +
    draft.eventSub('failing', draft.error('bad'), false).replaceAll('handled', 'mended');
  const xml = draft
    .file(
      draft.start() +
        draft.element('transaction', 'tx', { inner: inside }) +
        draft.boundary('canceled', 'tx', draft.cancel(), false) +
        draft.boundary('failed', 'tx', draft.error('bad'), false) +
        draft.end() +
        draft.flows('start > tx > end; canceled > end; failed > end'),
    )
    .replace('attachedToRef="a"', 'attachedToRef="a" cancelActivity="false"');
  const { processes, problems } = await readProcesses(xml);
  assert.deepEqual(
    problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  for (const id of ['on_undoing', 'on_failing', 'canceled', 'failed', 'done_a']) {
    const element = processes[0]?.elements[id];
    assert.ok(element !== undefined && 'interrupting' in element && element.interrupting, id);
  }
}

const ALWAYS_INTERRUPT: readonly EventKind[] = ['error', 'cancel', 'compensation'];

function misplaced(position: Position, event: EventKind): Cell {
  if (
    ALWAYS_INTERRUPT.includes(event) &&
    (position === 'boundary, non-interrupting' ||
      (position === 'event sub-process, non-interrupting' && event !== 'cancel'))
  )
    return none('always interrupts, whatever the attribute says', interruptsAllTheSame);
  if (event === 'parallel multiple' && (position === 'throw' || position === 'end'))
    return none('what throws several events throws all of them: multiple');
  return none('not in BPMN', (lab) => isRefused(lab, position, event));
}

const POSITIONS = Object.keys(GROUPS) as Position[];
const KINDS = Object.keys(ALLOWED) as EventKind[];

export const misplacedEvents: readonly Row[] = POSITIONS.flatMap((position) =>
  KINDS.filter((event) => !ALLOWED[event].includes(position)).map((event): Row => {
    const cell = misplaced(position, event);
    return {
      group: GROUPS[position],
      id: `misplaced.${position}.${event}`,
      name: event,
      element: ELEMENTS[position],
      event,
      position,
      cells: { camunda7: cell, camunda8: cell },
    };
  }),
);

/** Events that throw, and what catches an error, an escalation, a cancellation or an undoing inside the process. */
import { both, type Position, type Row, type Story } from '../row.ts';
import {
  canceled,
  compensationBoundary,
  compensationEventSub,
  errorBoundary,
  errorEnd,
  errorEventSub,
  escalated,
  escalationEventSub,
  undone,
} from './caught-inside.ts';
import { GROUPS } from './received-events.ts';
import { links, messageByWorker, messageInside, noneStart, passes, signal, terminates, throwsAll } from './throwing.ts';

type Told = readonly [
  position: Position,
  event: NonNullable<Row['event']>,
  id: string,
  name: string,
  cells: Story | Row['cells'],
];

function ofThrow(
  position: 'throw' | 'end',
  event: NonNullable<Row['event']>,
  name: string,
  story: Told[4],
  id = event as string,
): Told {
  return [position, event, `${position}.${id}`, name, story];
}

const THROWN: readonly Told[] = (['throw', 'end'] as const).flatMap((position) => [
  ofThrow(position, 'none', 'none', passes(position)),
  ofThrow(
    position,
    'message',
    'message, delivered inside: to who waits, kept, or starting an instance',
    messageInside(position),
  ),
  ofThrow(position, 'message', 'message, sent by a worker', messageByWorker(position), 'message.worker'),
  ofThrow(position, 'signal', 'signal', signal(position)),
  ofThrow(position, 'escalation', 'escalation', escalated(position, false)),
  ofThrow(position, 'compensation', 'compensation', undone(position)),
  ofThrow(position, 'multiple', 'multiple', throwsAll(position)),
]);

const CAUGHT: readonly Told[] = [
  ['process start', 'none', 'start.none', 'none', noneStart],
  ['event sub-process, interrupting', 'error', 'eventSub.interrupting.error', 'error', errorEventSub],
  [
    'event sub-process, interrupting',
    'escalation',
    'eventSub.interrupting.escalation',
    'escalation',
    escalationEventSub(true),
  ],
  [
    'event sub-process, interrupting',
    'compensation',
    'eventSub.interrupting.compensation',
    'compensation',
    compensationEventSub,
  ],
  [
    'event sub-process, non-interrupting',
    'escalation',
    'eventSub.beside.escalation',
    'escalation',
    escalationEventSub(false),
  ],
  ['catch', 'link', 'catch.link', 'link', links],
  ['boundary, interrupting', 'error', 'boundary.interrupting.error', 'error', errorBoundary],
  ['boundary, interrupting', 'escalation', 'boundary.interrupting.escalation', 'escalation', escalated('throw', true)],
  ['boundary, interrupting', 'cancel', 'boundary.interrupting.cancel', 'cancel', canceled],
  [
    'boundary, interrupting',
    'compensation',
    'boundary.interrupting.compensation',
    'compensation (does not interrupt: it marks what can be undone)',
    compensationBoundary,
  ],
  ['boundary, non-interrupting', 'escalation', 'boundary.beside.escalation', 'escalation', escalated('throw', false)],
  ['throw', 'link', 'throw.link', 'link', links],
  ['end', 'error', 'end.error', 'error', errorEnd],
  ['end', 'cancel', 'end.cancel', 'cancel', canceled],
  ['end', 'terminate', 'end.terminate', 'terminate', terminates],
];

export const ELEMENTS = {
  'process start': 'startEvent',
  'event sub-process, interrupting': 'startEvent',
  'event sub-process, non-interrupting': 'startEvent',
  catch: 'intermediateCatchEvent',
  'boundary, interrupting': 'boundaryEvent',
  'boundary, non-interrupting': 'boundaryEvent',
  throw: 'intermediateThrowEvent',
  end: 'endEvent',
} as const satisfies Record<Position, Row['element']>;

export const thrownEvents: readonly Row[] = [...CAUGHT, ...THROWN].map(([position, event, id, name, cells]) => ({
  group: GROUPS[position],
  id,
  name,
  element: ELEMENTS[position],
  event,
  position,
  cells: typeof cells === 'function' ? both(cells) : cells,
}));

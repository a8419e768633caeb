/** What comes from outside and can be waited for: how it is drawn, and how it is made to happen. */

import { typed } from '../stories/world.ts';
import type { Draft } from './draft.ts';
import { KEY } from './draft.ts';
import { HOUR, type Lab } from './lab.ts';
import type { EventKind } from './row.ts';

export interface Happening {
  /** Part of the row's id. */
  readonly id: string;
  readonly name: string;
  readonly event: EventKind;
  readonly define: (draft: Draft) => string;
  /** Attributes of the event. */
  readonly attributes?: string;
  /** Something close to it that must not count. */
  readonly almost: (lab: Lab) => void;
  readonly happen: (lab: Lab) => void;
  /** How often it happens when it is made to happen three times. */
  readonly times: 1 | 2 | 3;
}

const BEFORE_IT_IS_DUE = (lab: Lab): void => lab.advance(HOUR - 1);
const AN_HOUR = (lab: Lab): void => lab.advance(HOUR);

export const HAPPENINGS: readonly Happening[] = [
  {
    id: 'message',
    name: 'message',
    event: 'message',
    define: (draft) => draft.message('paid') + other(draft),
    almost: (lab) => void lab.world.try({ type: 'correlateMessage', name: 'other', all: false }),
    happen: (lab) => lab.send('paid', {}, keyOf(lab)),
    times: 3,
  },
  {
    id: 'timer.date',
    name: 'timer, date',
    event: 'timer',
    define: (draft) => draft.timer('timeDate', '2026-01-01T01:00:00Z'),
    almost: BEFORE_IT_IS_DUE,
    happen: AN_HOUR,
    times: 1,
  },
  {
    id: 'timer.duration',
    name: 'timer, duration',
    event: 'timer',
    define: (draft) => draft.timer('timeDuration', 'PT1H'),
    almost: BEFORE_IT_IS_DUE,
    happen: AN_HOUR,
    times: 1,
  },
  {
    id: 'timer.cycle',
    name: 'timer, cycle',
    event: 'timer',
    define: (draft) => draft.timer('timeCycle', 'R2/PT1H'),
    almost: BEFORE_IT_IS_DUE,
    happen: AN_HOUR,
    times: 2,
  },
  {
    id: 'timer.cron',
    name: 'timer, cron',
    event: 'timer',
    define: (draft) => draft.timer('timeCycle', draft.say('0 0 * * * ?', '0 0 * * * *')),
    almost: BEFORE_IT_IS_DUE,
    happen: AN_HOUR,
    times: 3,
  },
  {
    id: 'signal',
    name: 'signal',
    event: 'signal',
    define: (draft) => draft.signal('stop'),
    almost: (lab) => lab.broadcast('other'),
    happen: (lab) => lab.broadcast('stop'),
    times: 3,
  },
  {
    id: 'conditional',
    name: 'conditional',
    event: 'conditional',
    define: (draft) => draft.conditional('x > 1'),
    almost: (lab) => setOrEvaluate(lab, 1),
    happen: (lab) => setOrEvaluate(lab, 2),
    times: 3,
  },
  {
    id: 'multiple',
    name: 'multiple',
    event: 'multiple',
    define: (draft) => draft.message('paid') + draft.signal('stop'),
    almost: (lab) => lab.broadcast('other'),
    happen: (lab) => lab.broadcast('stop'),
    times: 3,
  },
  {
    id: 'parallel',
    name: 'parallel multiple',
    event: 'parallel multiple',
    define: (draft) => draft.message('paid') + draft.signal('stop'),
    attributes: 'parallelMultiple="true"',
    almost: (lab) => lab.broadcast('stop'),
    happen: (lab) => {
      lab.send('paid', {}, keyOf(lab));
      lab.broadcast('stop');
    },
    times: 3,
  },
];

/** The file knows another message, which the event does not wait for. */
function other(draft: Draft): string {
  draft.messageRoot('other');
  return '';
}

/** Camunda 8 runs one instance per correlation key of a start event; without a key as many as there are messages. */
function keyOf(lab: Lab): string {
  return lab.id === 0 ? '' : KEY;
}

/** Conditions of a running instance are looked at when a variable changes, those of start events when somebody asks. */
function setOrEvaluate(lab: Lab, x: number): void {
  if (lab.id !== 0) lab.set({ x });
  else lab.world.do({ type: 'evaluateConditions', variables: typed({ x }) });
}

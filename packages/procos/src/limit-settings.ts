/** Settings that say how much a model may ask for before it gets an incident, and how long answers are kept. */
import { DEFAULT_LIMITS, type Limits } from '@procos/kernel';
import type { Setting } from './setting.ts';

interface LimitSetting extends Setting {
  readonly limit: keyof Limits;
}

export const LIMIT_SETTINGS: readonly LimitSetting[] = [
  limit(
    'steps-per-command',
    'stepsPerCommand',
    'Steps after which a command ends; what it leaves over goes on in the next one, so that others get their turn. Setting variables counts as one step more for every 1,024 characters of a value.',
  ),
  limit(
    'limit-steps',
    'stepsWithoutWait',
    'Steps that one cause may lead to without anything that waits, over all its commands.',
  ),
  limit(
    'limit-laps',
    'laps',
    'How often one element may begin in one scope, or processes start each other, without anything that waits.',
  ),
  limit('limit-call-depth', 'callDepth', 'Process instances that call each other, one inside the other.'),
  limit('limit-loop-instances', 'loopInstances', 'Instances of one loop.'),
  limit('limit-elements', 'elements', 'Element instances of one process instance that are alive at the same time.'),
  limit(
    'limit-variable-size',
    'variableSize',
    'One variable inside a record, in characters of its JSON text; what comes from outside and is larger is kept out of line.',
  ),
  limit('limit-variable-depth', 'variableDepth', 'Lists and maps in each other in one variable.'),
  limit(
    'limit-instance-size',
    'instanceSize',
    'All variables of one process instance, in characters of their JSON text.',
  ),
  limit(
    'answer-kept-ms',
    'answerKeptMs',
    'How long the answer to a request with an Idempotency-Key is kept for the case that it is sent again, ms.',
  ),
];

function limit(name: string, key: keyof Limits, about: string): LimitSetting {
  return {
    name,
    limit: key,
    variable: `PROCOS_${name.toUpperCase().replaceAll('-', '_')}`,
    fallback: String(DEFAULT_LIMITS[key]),
    about,
    refuse: (text) => (/^[1-9]\d{0,8}$/.test(text) ? undefined : 'a whole number from 1 to 999999999'),
  };
}

/** `text`: the value of a setting, by its variable. */
export function readLimits(text: (variable: string) => string): Limits {
  const limits = { ...DEFAULT_LIMITS };
  for (const setting of LIMIT_SETTINGS) limits[setting.limit] = Number(text(setting.variable));
  return limits;
}

/** What did not fail, but somebody should know: it goes into the history of the instance. */
import { NO_INSTANCE, type Visit } from './turn.ts';

/** A loop that warns at each turn must not fill the log. */
const MAX_PER_INSTANCE = 200;
/** Of one expression. */
const MAX_PER_EXPRESSION = 5;
const SHOWN_TEXT = 80;

/** Once for each message in a command. `elementId`: what the message is about, where it is not the element itself. */
export function warn({ turn, instance, self }: Visit, message: string, elementId: string = self.elementId): void {
  if (instance.id === NO_INSTANCE) return;
  const before = turn.state.instances.get(instance.id)?.warnings ?? 0;
  if (before > MAX_PER_INSTANCE) return;
  const of = { processInstanceId: instance.id, elementInstanceId: self.id, elementId };
  if (before === MAX_PER_INSTANCE) {
    const end = `only the first ${MAX_PER_INSTANCE} warnings of a process instance are kept; there are more`;
    turn.issue({ type: 'warningIssued', message: end, ...of });
    return;
  }
  const key = `${self.id} ${elementId} ${message}`;
  if (turn.warned.has(key)) return;
  turn.warned.set(key, true);
  turn.issue({ type: 'warningIssued', message, ...of });
}

/** Why an expression gave null, or parts of it did. */
export function warnOfNulls(at: Visit, text: string, reasons: readonly string[]): void {
  const shown = text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT)}…` : text;
  for (const reason of [...new Set(reasons)].slice(0, MAX_PER_EXPRESSION)) warn(at, `"${shown}": ${reason}`);
}

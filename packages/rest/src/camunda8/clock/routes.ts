/** `/clock`: on a system for tests time stands still at an instant, and goes on again (docs/adr/0046). */
import type { CommandOf } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { rejected } from '../errors.ts';
import { Members } from '../members.ts';

export function clockRoutes(route: Declare): void {
  route('PUT', '/clock', 'clock.change', (call) => {
    const at = new Members(call.body).whole('timestamp', { least: 0 });
    return turn(call, { type: 'pinClock', at });
  });
  route('POST', '/clock/reset', 'clock.change', (call) => turn(call, { type: 'resetClock' }));
}

async function turn(
  { engine, by }: Call,
  command: CommandOf<'pinClock'> | CommandOf<'resetClock'>,
): Promise<undefined> {
  const outcome = await engine.submit(command, by);
  if (!outcome.ok) throw rejected(outcome.rejection);
  return undefined;
}

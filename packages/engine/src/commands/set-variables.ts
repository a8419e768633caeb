/** Sets and removes variables from outside. */

import { visit } from '../actions/turn.ts';
import { assign, setLocal } from '../actions/variables.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

export const setVariables: CommandHandler<'setVariables'> = (command, turn) => {
  const at = visit(turn, command.processInstanceId, command.scopeId);
  if (at === undefined) {
    return reject(
      'NOT_FOUND',
      `scope ${command.scopeId} of process instance ${command.processInstanceId} does not exist`,
      {
        processInstanceId: command.processInstanceId,
        scopeId: command.scopeId,
      },
    );
  }
  if (command.local) setLocal(at, command.variables);
  else assign(at, command.variables);
  const names = (command.remove ?? []).filter((name) => at.self.variables.has(name));
  if (names.length > 0)
    turn.emit({ type: 'variablesRemoved', processInstanceId: at.instance.id, scopeId: at.self.id, names });
  return DONE;
};

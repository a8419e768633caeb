/** Incidents that somebody raises himself, and notes about incidents. */
import { raiseIncident as raise } from '../actions/incidents.ts';
import { visit } from '../actions/turn.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

export const raiseIncident: CommandHandler<'raiseIncident'> = (command, turn) => {
  const { processInstanceId, elementInstanceId, label, message, configuration } = command;
  const at = visit(turn, processInstanceId, elementInstanceId);
  if (at === undefined)
    return reject('NOT_FOUND', `element instance ${elementInstanceId} does not exist (any more)`, {
      elementInstanceId,
    });
  if (label === '') return reject('INVALID_ARGUMENT', 'the label of an incident is empty: say what kind it is');
  const said = configuration === undefined ? {} : { configuration };
  const incidentId = raise(at, { kind: 'custom', message, step: null, label, ...said });
  return { ok: true, value: { incidentId } };
};

export const annotateIncident: CommandHandler<'annotateIncident'> = ({ incidentId, annotation }, turn) => {
  const incident = turn.state.incidents.get(incidentId);
  if (incident === undefined)
    return reject('NOT_FOUND', `incident ${incidentId} does not exist (any more)`, { incidentId });
  const { processInstanceId } = incident;
  turn.emit({ type: 'incidentAnnotated', incidentId, annotation, processInstanceId });
  return DONE;
};

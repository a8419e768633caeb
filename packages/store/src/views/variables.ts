/** View of variables: the last value of each, also when its scope has ended. Transient ones are in no view. */
import { type InsideProjection, variableId } from '../history/inside.ts';
import type { VariableView } from '../rows.ts';

export const projectVariables: InsideProjection = (event, { at, by, sequence }, inside, position) => {
  function end(row: VariableView): void {
    inside.putVariable({ ...row, live: false });
  }
  switch (event.type) {
    case 'variablesSet': {
      let id = variableId(sequence, position) - 1;
      for (const [name, { type, value, info }] of Object.entries(event.variables)) {
        id += 1;
        if (info?.transient === true) continue;
        const before = inside.variable(event.processInstanceId, event.scopeId, name);
        const goesOn = before?.live === true;
        // Set again after it was removed it is another one; of one name the last is shown.
        if (before !== undefined && !goesOn) inside.dropVariable(before.id);
        inside.putVariable({
          id: goesOn ? before.id : id,
          processInstanceId: event.processInstanceId,
          scopeId: event.scopeId,
          name,
          type,
          value,
          info: info ?? null,
          createdAt: goesOn ? before.createdAt : at,
          updatedAt: at,
          updatedBy: `${by.kind}:${by.id}`,
          live: true,
        });
      }
      break;
    }
    case 'variablesRemoved':
      for (const name of event.names) {
        const row = inside.variable(event.processInstanceId, event.scopeId, name);
        if (row?.live === true) end(row);
      }
      break;
    case 'elementCompleted':
    case 'elementCanceled':
      if (event.hadVariables !== true) break;
      for (const row of inside.liveVariables(event.processInstanceId, event.elementInstanceId)) end(row);
      break;
    case 'processInstanceCompleted':
    case 'processInstanceEnded':
      for (const row of inside.liveVariables(event.processInstanceId)) end(row);
      break;
  }
};

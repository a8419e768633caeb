/** View of variables: the last value of each, also when its scope has ended. Transient ones are in no view. */
import { liveVariablesOfInstance, liveVariablesOfScope, variablesByName } from '../tables/view-tables.ts';
import type { Projection } from './views.ts';

export const projectVariables: Projection = (event, { at, by }, { variables, nextRowId }) => {
  switch (event.type) {
    case 'variablesSet':
      for (const [name, { type, value, info }] of Object.entries(event.variables)) {
        if (info?.transient === true) continue;
        const before = variables.first(variablesByName, [event.processInstanceId, event.scopeId, name]);
        variables.put({
          id: before?.id ?? nextRowId(),
          processInstanceId: event.processInstanceId,
          scopeId: event.scopeId,
          name,
          type,
          value,
          info: info ?? null,
          createdAt: before?.live === true ? before.createdAt : at,
          updatedAt: at,
          updatedBy: `${by.kind}:${by.id}`,
          live: true,
        });
      }
      break;
    case 'variablesRemoved':
      for (const name of event.names) {
        const row = variables.first(variablesByName, [event.processInstanceId, event.scopeId, name]);
        if (row !== undefined) variables.put({ ...row, live: false });
      }
      break;
    case 'elementCompleted':
    case 'elementCanceled': {
      if (event.hadVariables !== true) break;
      const scope = [event.processInstanceId, event.elementInstanceId];
      for (const row of [...variables.select(liveVariablesOfScope, scope)]) variables.put({ ...row, live: false });
      break;
    }
    case 'processInstanceCompleted':
    case 'processInstanceEnded':
      for (const row of [...variables.select(liveVariablesOfInstance, [event.processInstanceId])]) {
        variables.put({ ...row, live: false });
      }
      break;
  }
};

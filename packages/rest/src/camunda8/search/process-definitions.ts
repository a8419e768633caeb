/** `/process-definitions/search`: every deployed version of every process. */
import type { DefinitionView, ProcessEngine } from '@procos/kernel';
import { processDefinition } from '../process-definition/definitions.ts';
import * as by from './filter.ts';
import { byIndex } from './reach.ts';
import type { SearchSpec } from './search.ts';

type Row = DefinitionView;

export const PROCESS_DEFINITIONS: SearchSpec<'definitions'> = {
  table: 'definitions',
  filters: {
    processDefinitionKey: by.key('id'),
    processDefinitionId: by.text('bpmnProcessId'),
    name: by.text('name'),
    version: by.whole('version'),
    versionTag: by.text('versionTag'),
    resourceName: by.text('resourceName'),
    tenantId: by.tenant('tenantId'),
    isLatestVersion: ({ asked, path }) => ({
      where: [{ column: 'latest', op: '=', value: by.asFlag(asked, path) }],
    }),
    hasStartForm: by.looked((_rows, engine) => (row) => processDefinition(engine, row).hasStartForm, by.asFlag),
    state: by.fixedWord('ACTIVE', ['ACTIVE', 'DRAINING', 'DELETED']),
  },
  sorts: {
    processDefinitionKey: 'id',
    processDefinitionId: 'bpmnProcessId',
    name: 'name',
    version: 'version',
    versionTag: 'versionTag',
    resourceName: 'resourceName',
    tenantId: 'tenantId',
  },
  reach: byIndex('definitions', []),
};

export function writeProcessDefinitions(engine: ProcessEngine, rows: readonly Row[]): readonly unknown[] {
  return rows.map((row) => processDefinition(engine, row));
}

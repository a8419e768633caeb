/** Starts a kernel on the store in argv[2], imports the snapshot in argv[3] from the folder in argv[4], and kills itself in the middle: after argv[5] families. */
import { inferVariable } from '@procos/bpmn';
import { openSqliteStore } from '@procos/store';
import { startTestKernel } from './system.ts';

const [, , directory = '', file = '', snapshots = '', families = '1'] = process.argv;

const kernel = await startTestKernel({ store: openSqliteStore({ directory }), snapshots });
await kernel.ready;
let brought = 0;
kernel.engine.onCommitted((records) => {
  brought += records.filter(({ command }) => command === 'importProcessInstances').length;
  if (brought >= Number(families)) process.kill(process.pid, 'SIGKILL');
});
await kernel.engine.submit(
  {
    type: 'createProcessInstance',
    definition: { bpmnProcessId: 'procos_system_snapshot_import' },
    variables: { file: inferVariable(file) },
  },
  { kind: 'user', id: 'ada' },
);

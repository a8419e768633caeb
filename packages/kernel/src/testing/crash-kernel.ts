/** Starts a kernel on the store in argv[2], starts PID 1's work, and kills itself the hard way at the stage in argv[3]. */
import { openSqliteStore } from '@procos/store';
import { startTestKernel } from './system.ts';

const [, , directory = '', stage = 'ready', hostScript = ''] = process.argv;

const kernel = await startTestKernel({
  store: openSqliteStore({ directory }),
  hosts: [{ name: 'workers', command: process.execPath, args: [hostScript, 'good'], env: {} }],
});
const die = (): void => {
  process.kill(process.pid, 'SIGKILL');
};
if (stage === 'ready') {
  await kernel.ready;
  die();
} else {
  // Stage: the topic of a system call that has just been handed to the kernel.
  kernel.engine.onCommitted((records) => {
    const tasks = kernel.engine.find('externalTasks', { where: [{ column: 'topic', op: '=', value: stage }] });
    if (records.length > 0 && tasks.some(({ workerId }) => workerId !== null)) die();
  });
  await kernel.ready;
  await kernel.requestShutdown({ kind: 'user', id: 'test' }, 'test');
  await kernel.stopped;
  process.exit(5);
}

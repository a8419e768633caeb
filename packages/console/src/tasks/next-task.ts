/** Which task to show after one is completed: the one below it, else the one above. Pure. */
import type { TaskRow } from '@procos/protocol';

export function nextTask(tasks: readonly Pick<TaskRow, 'taskId'>[], done: string): string | null {
  const index = tasks.findIndex((task) => task.taskId === done);
  const rest = tasks.filter((task) => task.taskId !== done);
  return (rest[index] ?? rest.at(-1))?.taskId ?? null;
}

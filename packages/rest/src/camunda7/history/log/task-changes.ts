/** What becomes of user tasks, record by record: how each one was before an event, and how it is after it. */
import type { EngineEvent, UserTask } from '@procos/kernel';

export interface TaskChange {
  /** undefined: it has just been created. */
  readonly before: UserTask | undefined;
  readonly after: UserTask;
}

/** Follows the records from the creation of the tasks on; what was created before is unknown to it. */
export class TaskChanges {
  readonly #tasks = new Map<number, UserTask>();

  /** undefined: the event changes no task that is known. */
  follow(event: EngineEvent): TaskChange | undefined {
    switch (event.type) {
      case 'userTaskCreated':
        return this.#change(undefined, event.task);
      case 'userTaskAssigned':
        return this.#set(event.userTaskId, { assignee: event.assignee });
      case 'userTaskUpdated':
        return this.#set(event.userTaskId, event.changes);
      case 'userTaskCompleted':
      case 'userTaskCanceled': {
        const task = this.#tasks.get(event.userTaskId);
        this.#tasks.delete(event.userTaskId);
        return task && { before: task, after: task };
      }
      default:
        return undefined;
    }
  }

  #set(id: number, changes: Partial<UserTask>): TaskChange | undefined {
    const before = this.#tasks.get(id);
    return before && this.#change(before, { ...before, ...changes });
  }

  #change(before: UserTask | undefined, after: UserTask): TaskChange {
    this.#tasks.set(after.id, after);
    return { before, after };
  }
}

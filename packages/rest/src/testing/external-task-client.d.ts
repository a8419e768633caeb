/** The part of the published JavaScript client that the tests use; the package carries no types. */
declare module 'camunda-external-task-client-js' {
  export interface Task {
    readonly id: string;
    readonly retries: number | null;
    readonly errorMessage: string | null;
    readonly variables: { get(name: string): unknown };
  }
  export interface TaskService {
    complete(task: Task, variables?: Variables): Promise<void>;
    handleFailure(task: Task, options: object): Promise<void>;
    handleBpmnError(task: Task, code: string, message?: string): Promise<void>;
    extendLock(task: Task, newDuration: number): Promise<void>;
    unlock(task: Task): Promise<void>;
  }
  export type Handler = (work: { readonly task: Task; readonly taskService: TaskService }) => Promise<void>;
  export class Client {
    constructor(options: object);
    subscribe(topic: string, handler: Handler): unknown;
    on(event: string, listener: (...details: unknown[]) => void): void;
    stop(): void;
  }
  export class BasicAuthInterceptor {
    constructor(options: { readonly username: string; readonly password: string });
  }
  export class Variables {
    set(name: string, value: unknown): void;
    setTyped(name: string, value: { type: string; value: unknown; valueInfo: object }): void;
  }
  export class File {
    constructor(options: object);
    readonly content: Buffer;
    load(): Promise<File>;
  }
}

/** The published JavaScript client as its documentation describes it; the package carries no types. */
declare module 'camunda-external-task-client-js' {
  export interface TypedValue {
    readonly type: string;
    readonly value: unknown;
    readonly valueInfo: object;
  }
  export class Variables {
    get(name: string): unknown;
    getTyped(name: string): TypedValue | null;
    getAll(): Record<string, unknown>;
    getAllTyped(): Record<string, TypedValue>;
    set(name: string, value: unknown): this;
    setTransient(name: string, value: unknown): this;
    setTyped(name: string, value: TypedValue): this;
    setAll(values: object): this;
    setAllTyped(values: Readonly<Record<string, TypedValue>>): this;
  }
  /** As it came on the wire; handlers get `variables` as `Variables`. */
  export interface FetchedTask {
    readonly id: string;
    readonly activityId: string;
    readonly businessKey: string | null;
    readonly createTime: string;
    readonly errorDetails: string | null;
    readonly errorMessage: string | null;
    readonly extensionProperties: Readonly<Record<string, string>>;
    readonly lockExpirationTime: string;
    readonly priority: number;
    readonly processDefinitionId: string;
    readonly processInstanceId: string;
    readonly retries: number | null;
    readonly tenantId: string | null;
    readonly topicName: string;
    readonly workerId: string;
  }
  export interface Task extends FetchedTask {
    readonly variables: Variables;
  }
  export interface TaskService {
    complete(task: Task | string, variables?: Variables, localVariables?: Variables): Promise<void>;
    handleFailure(task: Task | string, options: object): Promise<void>;
    handleBpmnError(task: Task | string, code: string, message?: string, variables?: Variables): Promise<void>;
    lock(task: Task | string, duration: number): Promise<void>;
    extendLock(task: Task | string, newDuration: number): Promise<void>;
    unlock(task: Task | string): Promise<void>;
  }
  export interface Work {
    readonly task: Task;
    readonly taskService: TaskService;
  }
  export type Handler = (work: Work) => Promise<void>;
  export interface Subscription {
    unsubscribe(): void;
  }
  export class Client {
    static readonly SortBy: { readonly CreateTime: 'createTime' };
    static readonly SortOrder: { readonly ASC: 'asc'; readonly DESC: 'desc' };
    readonly taskService: TaskService;
    constructor(options: object);
    start(): void;
    stop(): void;
    subscribe(topic: string, handler: Handler): Subscription;
    subscribe(topic: string, options: object, handler: Handler): Subscription;
    on(event: string, listener: (...details: never[]) => void): this;
    once(event: string, listener: (...details: never[]) => void): this;
  }
  /** What is thrown where the engine refuses. */
  export interface EngineError extends Error {
    readonly httpStatusCode: number;
    readonly code: number | null;
    readonly type: string;
    readonly engineMsg: string;
  }
  export type Interceptor = (config: { readonly headers?: object }) => object;
  export const BasicAuthInterceptor: new (options: {
    readonly username: string;
    readonly password: string;
  }) => Interceptor;
  export const KeycloakAuthInterceptor: new (options: {
    readonly tokenEndpoint: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly cacheOffset?: number;
  }) => Interceptor;
  export const logger: { (client: Client): void; level(level: string | number): (client: Client) => void };
  export class File {
    constructor(options: object);
    readonly content: Buffer;
    readonly filename: string;
    load(): Promise<File>;
  }
}

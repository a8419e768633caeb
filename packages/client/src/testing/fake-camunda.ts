/** For tests: a tiny server in the shape of Camunda 7's external-task routes, with long polling and lock checks. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeTask {
  readonly id: string;
  readonly topicName: string;
  readonly variables?: Record<string, unknown>;
  readonly extensionProperties?: Record<string, string>;
  readonly lockCount?: number;
  retries?: number | null;
  workerId?: string | null;
  lockedUntil?: number;
}
export interface SeenCall {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
  /** The `Idempotency-Key`. */
  readonly key: string | undefined;
  readonly at: number;
}

export class FakeCamunda {
  readonly calls: SeenCall[] = [];
  readonly tasks: Map<string, FakeTask> = new Map();
  /** Answers the next matching request with this status instead of serving it; `status` 0 breaks the connection. */
  readonly faults: { readonly path: RegExp; readonly status: number; readonly message?: string }[] = [];
  /** Further routes: `METHOD /path` to an answer. */
  readonly routes: Map<string, (request: IncomingMessage, response: ServerResponse) => void> = new Map();
  #server: Server | undefined;
  #port = 0;
  #waiters = new Set<() => void>();
  #watchers = new Set<() => void>();

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async listen(): Promise<this> {
    const server = createServer((request, response) => void this.#serve(request, response));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  /** Breaks every connection; `listen()` brings it back on the same port. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  add(task: FakeTask): void {
    this.tasks.set(task.id, task);
    for (const wake of this.#waiters) wake();
  }

  called(path: RegExp): SeenCall[] {
    return this.calls.filter((call) => path.test(call.path));
  }

  /** Resolves as soon as a call of this path has been answered `count` times. */
  async until(path: RegExp, count = 1): Promise<SeenCall[]> {
    while (this.called(path).length < count) {
      await new Promise<void>((resolve) => {
        this.#watchers.add(resolve);
      });
    }
    return this.called(path);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const path = request.url ?? '/';
    const route = this.routes.get(`${request.method} ${path.split('?')[0]}`);
    const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
    const fault = this.faults.findIndex((candidate) => candidate.path.test(path));
    const [taken] = fault < 0 ? [] : this.faults.splice(fault, 1);
    this.calls.push({
      method: request.method ?? '',
      path,
      body: text.startsWith('{') ? body : { text },
      key: request.headers['idempotency-key']?.toString(),
      at: Date.now(),
    });
    if (taken?.status === 0) request.socket.destroy();
    else if (taken !== undefined) refuse(response, taken.status, taken.message ?? 'refused by the test');
    else if (route !== undefined) route(request, response);
    else await this.#camunda(request, response, path, body);
    for (const wake of this.#watchers) wake();
    this.#watchers.clear();
  }

  async #camunda(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    body: Record<string, unknown>,
  ): Promise<void> {
    if (path === '/engine-rest/external-task/fetchAndLock') return this.#fetchAndLock(response, body);
    if (path.startsWith('/engine-rest/external-task?')) {
      const workerId = new URL(path, this.url).searchParams.get('workerId');
      return answer(
        response,
        200,
        [...this.tasks.values()].filter((task) => task.workerId === workerId),
      );
    }
    const [, id = '', operation = ''] = /^\/engine-rest\/external-task\/([^/]+)\/(\w+)$/.exec(path) ?? [];
    const task = this.tasks.get(id);
    if (request.method !== 'POST' || operation === '') return refuse(response, 404, `no route ${path}`);
    if (task === undefined) return refuse(response, 404, `External task with id ${id} does not exist`);
    if (operation !== 'unlock' && task.workerId !== body['workerId']) return refuse(response, 400, 'locked by another');
    if (operation === 'extendLock') task.lockedUntil = Date.now() + Number(body['newDuration']);
    else if (operation === 'unlock') task.workerId = null;
    else if (operation === 'failure') {
      task.workerId = null;
      task.retries = Number(body['retries']);
      const wake = setTimeout(() => this.add(task), Number(body['retryTimeout']));
      task.lockedUntil = Date.now() + Number(body['retryTimeout']);
      wake.unref();
    } else this.tasks.delete(id);
    response.writeHead(204).end();
  }

  async #fetchAndLock(response: ServerResponse, body: Record<string, unknown>): Promise<void> {
    const endsAt = Date.now() + Number(body['asyncResponseTimeout'] ?? 0);
    const topics = body['topics'] as { topicName: string; lockDuration: number }[];
    for (;;) {
      if (response.destroyed) return;
      const taken: unknown[] = [];
      for (const task of this.tasks.values()) {
        const topic = topics.find(({ topicName }) => topicName === task.topicName);
        if (topic === undefined || task.retries === 0 || taken.length >= Number(body['maxTasks'])) continue;
        if ((task.lockedUntil ?? 0) > Date.now() && task.workerId !== null) continue;
        if (task.workerId === null && (task.lockedUntil ?? 0) > Date.now() && task.retries !== undefined) continue;
        task.workerId = String(body['workerId']);
        task.lockedUntil = Date.now() + topic.lockDuration;
        taken.push({ retries: null, variables: {}, processInstanceId: '1', ...task });
      }
      const leftMs = endsAt - Date.now();
      if (taken.length > 0 || leftMs <= 0) return answer(response, 200, taken);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiters.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, leftMs);
        this.#waiters.add(wake);
        response.once('close', wake);
      });
    }
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, message: string): void {
  answer(response, status, { type: 'RestException', message, code: 0 });
}

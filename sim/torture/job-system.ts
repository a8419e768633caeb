/** A whole system as a person starts it, with jobs for workers, and what its log must say when all is over. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openSqliteStore } from '@procos/store';
import { Running } from '../../e2e/running-procos.ts';
import { History } from '../history.ts';
import { follow, Violation } from '../invariants.ts';
import { TOPIC } from './http-face.ts';

const JOBS = 'jobs';
const MODEL = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="definitions" targetNamespace="http://procos.dev/torture">
  <bpmn:process id="${JOBS}" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:serviceTask id="work" camunda:type="external" camunda:topic="${TOPIC}" />
    <bpmn:endEvent id="end" />
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="work" />
    <bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>`;
const CHUNK = 1_000;
const WORKER = fileURLToPath(new URL('wire-worker.ts', import.meta.url));

export class JobSystem {
  readonly url: string;
  readonly #running: Running;
  readonly #data: string;
  #started = 0;

  private constructor(running: Running, data: string) {
    this.#running = running;
    this.#data = data;
    this.url = running.url;
  }

  static async start(): Promise<JobSystem> {
    const data = mkdtempSync(join(tmpdir(), 'procos-torture-'));
    const running = await Running.start({ data });
    await running.ready();
    await running.client.deploy({ name: JOBS, resources: [{ name: 'jobs.bpmn', content: MODEL }] });
    return new JobSystem(running, data);
  }

  /** Of the kernel. */
  get osPid(): number {
    return this.#running.osPid;
  }

  async startJobs(count: number): Promise<void> {
    const start = () => this.#running.client.start({ bpmnProcessId: JOBS });
    for (let left = count; left > 0; left -= 10) await Promise.all(Array.from({ length: Math.min(10, left) }, start));
    this.#started += count;
  }

  /** Jobs that nobody has done yet. */
  async openJobs(): Promise<number> {
    const response = await fetch(`${this.url}/engine-rest/external-task/count?topicName=${TOPIC}`);
    return ((await response.json()) as { readonly count: number }).count;
  }

  /** Down in order; then each job must have been done once, and every record must be possible. */
  async finish(): Promise<void> {
    await this.#running.client.shutdown();
    const { code, err } = await this.#running.ended;
    if (code !== 0) throw new Violation('systemGoesDown', `exit code ${code} ${err}`);
    const store = openSqliteStore({ directory: this.#data, readOnly: true });
    try {
      const history = new History();
      const jobs = new Set<number>();
      let completed = 0;
      for (;;) {
        const records = store.records(history.sequence, CHUNK);
        for (const record of records) {
          for (const event of record.events) {
            if (event.type === 'externalTaskCreated' && event.task.topic === TOPIC) jobs.add(event.task.id);
            if (event.type === 'externalTaskCompleted' && jobs.has(event.externalTaskId)) completed += 1;
          }
          follow(history, record);
        }
        if (records.length < CHUNK) break;
      }
      if (completed !== this.#started)
        throw new Violation('jobsAreDoneOnce', `${this.#started} jobs were started, ${completed} completed`);
    } finally {
      store.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.kill('SIGKILL');
    rmSync(this.#data, { recursive: true, force: true });
  }
}

/** A worker in a process of its own; see `wire-worker.ts`. */
export class WorkerProcess {
  /** Ids of the tasks that it has locked. */
  readonly fetched: Promise<readonly string[]>;
  /** What it was answered when it reported: task and status. */
  readonly reported: Promise<readonly (readonly [string, number])[]>;
  readonly #child: ChildProcess;

  constructor(url: string, workerId: string, maxTasks: number, lockMs: number, fencing = true) {
    const args = [WORKER, url, workerId, String(maxTasks), String(lockMs), String(fencing)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    const fetched = Promise.withResolvers<readonly string[]>();
    const reported = Promise.withResolvers<readonly (readonly [string, number])[]>();
    this.fetched = fetched.promise;
    this.reported = reported.promise;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as {
        fetched?: readonly string[];
        reported?: readonly (readonly [string, number])[];
      };
      if (said.fetched !== undefined) fetched.resolve(said.fetched);
      if (said.reported !== undefined) reported.resolve(said.reported);
    });
    void once(child, 'exit').then(() => {
      const gone = new Error('the worker has ended');
      fetched.reject(gone);
      reported.reject(gone);
    });
    this.fetched.catch(() => {});
    this.reported.catch(() => {});
  }

  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    this.#child.kill(name);
  }
}

/** A real kernel in memory with the system processes, and a server before it, for the tests of the faces. */
import { readdirSync, readFileSync } from 'node:fs';
import { KernelLog, type KernelOptions, type RunningKernel, startKernel } from '@procos/kernel';
import { createMemoryStore } from '@procos/store';
import type { FastifyInstance } from 'fastify';
import { listenForGrpc } from '../camunda8/grpc/listener.ts';
import { createServer, type ServerOptions } from '../server.ts';
import { checkAnswers } from './checked-answers.test.ts';
import { checkCamundaAnswers } from './checked-camunda-answers.test.ts';

const SYSTEM = new URL('../../../../system/', import.meta.url);

export interface System {
  readonly kernel: RunningKernel;
  readonly app: FastifyInstance;
  /** `http://127.0.0.1:PORT`, listening. */
  readonly url: string;
  /** `127.0.0.1:PORT` of the gateway; '' where none was asked for. */
  readonly grpc: string;
  deploy(files: Readonly<Record<string, string>>): Promise<DeploymentAnswer>;
  get<T = unknown>(path: string): Promise<T>;
  post<T = unknown>(path: string, body?: object): Promise<T>;
  stop(): Promise<void>;
}

export interface DeploymentAnswer {
  readonly id: string;
  readonly deployedProcessDefinitions: Readonly<Record<string, { readonly id: string; readonly key: string }>> | null;
}

interface SystemOptions extends Partial<KernelOptions>, Pick<ServerOptions, 'onRoute'> {
  /** The header of every request, as far as it is known when one is sent. */
  readonly authorization?: () => string;
  /** With the gateway for Zeebe clients. */
  readonly grpc?: boolean;
}

export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const { authorization = () => undefined, onRoute, grpc = false, ...more } = options;
  const store = createMemoryStore();
  const systemModels = readdirSync(SYSTEM)
    .filter((name) => /\.(bpmn|dmn)$/.test(name))
    .map((name) => ({ name, content: readFileSync(new URL(name, SYSTEM), 'utf8') }));
  const log = new KernelLog({ level: 'debug', stream: { write: () => {} } });
  const kernel = await startKernel({ store, systemModels, hosts: [], version: 'test', log, zone: 'UTC', ...more });
  const checked: ServerOptions['onRoute'] = (route) => {
    checkAnswers(route);
    checkCamundaAnswers(route);
    onRoute?.(route);
  };
  const app = await createServer(kernel, { onRoute: checked }).catch(async (error: unknown) => {
    kernel.handleSignal('SIGINT');
    kernel.handleSignal('SIGINT');
    await kernel.stopped;
    throw error;
  });
  const listen = { host: '127.0.0.1', port: 0 };
  const gateway = grpc ? `127.0.0.1:${await listenForGrpc(app, kernel, { ...listen, logger: log })}` : '';
  const url = await app.listen(listen);
  const ask = async <T>(path: string, init: RequestInit): Promise<T> => {
    const header = authorization();
    const headers = {
      ...(init.headers as Record<string, string> | undefined),
      ...(header && { authorization: header }),
    };
    const response = await fetch(url + path, { ...init, headers });
    const text = await response.text();
    if (!response.ok) throw new Error(`${init.method ?? 'GET'} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  return {
    kernel,
    app,
    url,
    grpc: gateway,
    deploy: (files) => {
      const form = new FormData();
      for (const [name, content] of Object.entries(files)) form.append(name, new Blob([content]), name);
      return ask('/engine-rest/deployment/create', { method: 'POST', body: form });
    },
    get: (path) => ask(path, {}),
    post: (path, body = {}) =>
      ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    stop: async () => {
      await app.close();
      await kernel.requestShutdown({ kind: 'user', id: 'test' }, 'test');
      await kernel.stopped;
    },
  };
}

/** One process of Camunda 7 style around `content`, with its flows as `from->to`. */
export function bpmn(id: string, content: string, flows: readonly string[]): string {
  const sequence = flows.map((flow, at) => {
    const [from, to] = flow.split('->');
    return `<bpmn:sequenceFlow id="f${at}" sourceRef="${from}" targetRef="${to}" />`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  id="d_${id}" targetNamespace="http://example.org">
  <bpmn:message id="M_paid" name="paid" />
  <bpmn:signal id="S_stop" name="stop" />
  <bpmn:error id="E_card" errorCode="CARD" />
  <bpmn:process id="${id}" name="Process ${id}" isExecutable="true">
    ${content}
    ${sequence.join('\n    ')}
  </bpmn:process>
</bpmn:definitions>`;
}

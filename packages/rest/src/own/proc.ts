/** `/proc`: what a process and the system are at this moment, as text to read and to grep, or as JSON by `Accept`. */
import { freemem, loadavg, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { ProcessInstanceView } from '@procos/kernel';
import type { HoldingRow, LoadAverage, MemoryInfo, ProcessDetail, ProcessTree } from '@procos/protocol';
import { type Call, Raw } from '../call.ts';
import type { OwnDeclare } from './api/contract.ts';
import { ApiRefusal } from './errors.ts';
import { holdings } from './holdings.ts';
import { limitsOf } from './limits.ts';
import { pidOf, pidText } from './pids.ts';
import { capabilities, capabilityText } from './policy.ts';
import { family, processDetail } from './processes.ts';
import { stateOf } from './states.ts';

interface File {
  readonly json: unknown;
  readonly lines: readonly string[];
}

/** What it reads, and the type of its JSON. */
type Reader = readonly [file: (call: Call) => File, answer: string, about: string];
const OF_PROCESS: Readonly<Record<string, Reader>> = {
  status: [status, 'ProcessStatus', 'How a process is.'],
  tree: [tree, 'ProcessTree', 'It and the processes that it has called.'],
  vars: [variables, 'VariableRow[]', 'Its variables.'],
  trace: [trace, 'ElementRow[]', 'Its visits of elements, the oldest first.'],
  limits: [limits, 'ProcessLimits', 'What holds for it, the least of each limit.'],
  caps: [caps, 'CapabilityDetail', 'What it may use.'],
  fd: [openHoldings, 'HoldingRow[]', 'What it waits for, and what others do for it.'],
};
const OF_SYSTEM: Readonly<Record<string, Reader>> = {
  uptime: [uptime, 'Uptime', 'How long the system has run.'],
  loadavg: [load, 'LoadAverage', 'What the system has to do.'],
  meminfo: [memory, 'MemoryInfo', 'Memory of the machine and of the kernel.'],
  version: [version, 'RunningVersion', 'Versions of ProcOS and of Node.'],
};
const TEXT = ['text/plain'];

export function procRoutes(route: OwnDeclare): void {
  const names = { answer: 'string[]', media: TEXT };
  route('GET', '/', 'processInstance.read', (call) => answer(call, root(call)), {
    about: 'Running processes, and the files of the system.',
    ...names,
  });
  for (const [name, [file, type, about]] of Object.entries(OF_SYSTEM))
    route('GET', `/${name}`, 'system.read', (call) => answer(call, file(call)), { about, answer: type, media: TEXT });
  route('GET', '/:pid', 'processInstance.read', (call) => answer(call, folder(call)), {
    about: 'The files of a process.',
    ...names,
  });
  for (const [name, [file, type, about]] of Object.entries(OF_PROCESS))
    route('GET', `/:pid/${name}`, 'processInstance.read', (call) => answer(call, file(call)), {
      about,
      answer: type,
      media: TEXT,
    });
}

/** Text unless JSON is asked for by name. */
function answer({ request }: Call, { json, lines }: File): unknown {
  if (/\bapplication\/json\b/.test(request.headers.accept ?? '')) return json;
  return new Raw('text/plain; charset=utf-8', lines.map((line) => `${line}\n`).join(''));
}

/** Running processes that are listed at most. */
const SHOWN = 1_000;

function root(call: Call): File {
  const running = call.engine.find('processInstances', {
    where: [{ column: 'state', op: '=', value: 'active' }],
    orderBy: [{ column: 'id', descending: true }],
    limit: SHOWN,
  });
  const names = [...running.map(({ id }) => pidText(call, id)).reverse(), ...Object.keys(OF_SYSTEM)];
  return { json: names, lines: names };
}

function folder(call: Call): File {
  find(call);
  const names = Object.keys(OF_PROCESS);
  return { json: names, lines: names };
}

function find(call: Call): ProcessInstanceView {
  const pid = call.params['pid'] ?? '';
  const [found] = call.engine.find('processInstances', {
    where: [{ column: 'id', op: '=', value: pidOf(call, pid) }],
  });
  if (found !== undefined) return found;
  throw new ApiRefusal(404, 'NOT_FOUND', `There is no process ${pid}, and no file of that name: see /proc.`);
}

function status(call: Call): File {
  const { suspended } = find(call);
  const detail = processDetail(call);
  const { elements: _, variables: __, incidents, warnings, children, ...rest } = detail;
  const open = incidents.filter(({ state }) => state === 'open');
  return {
    json: { ...rest, suspended, incidents: open.length, warnings: warnings.length, children: children.length },
    lines: pairs([
      ['Name', detail.bpmnProcessId],
      ['State', suspended && detail.endedAt === null ? `${detail.state}, suspended` : detail.state],
      ['Pid', detail.pid],
      ['PPid', detail.parentPid ?? ''],
      ['Instance', detail.processInstanceId],
      ['Version', String(detail.version)],
      ['BusinessKey', detail.businessKey ?? ''],
      ['User', detail.startedBy],
      ['Started', detail.startedAt],
      ['Ended', detail.endedAt ?? ''],
      ['Reason', detail.reason ?? ''],
      ['WaitsAt', detail.waitsAt.map(({ elementId }) => elementId).join(' ')],
      ['Incidents', String(open.length)],
      ['Warnings', String(warnings.length)],
      ['Children', String(children.length)],
    ]),
  };
}

/** It and what it has called and still runs. */
function tree(call: Call): File {
  const first = find(call);
  const below = Map.groupBy(family(call.engine, first), ({ id, parentId }) => (id === first.id ? null : parentId));
  const nodeOf = (instance: ProcessInstanceView): ProcessTree => ({
    pid: pidText(call, instance.id),
    bpmnProcessId: instance.bpmnProcessId,
    state: stateOf(instance),
    suspended: instance.suspended,
    children: (below.get(instance.id) ?? []).map(nodeOf),
  });
  const linesOf = (node: ProcessTree, depth: number): string[] => [
    `${'  '.repeat(depth)}${node.pid} ${oneLine(node.bpmnProcessId)} ${node.state}${node.suspended ? ' suspended' : ''}`,
    ...node.children.flatMap((child) => linesOf(child, depth + 1)),
  ];
  const json = nodeOf(first);
  return { json, lines: linesOf(json, 0) };
}

/** As of now, or of the end; those of an element behind its id. */
function variables(call: Call): File {
  const { variables: all, endedAt } = processDetail(call);
  const shown: ProcessDetail['variables'] = endedAt === null ? all.filter(({ live }) => live) : all;
  const lines = shown.map(({ elementId, name, value }) => {
    const scope = elementId === null ? '' : `${elementId}.`;
    return `${oneLine(scope + name)}=${JSON.stringify(value) ?? 'null'}`;
  });
  return { json: shown, lines };
}

/** Every visit of an element, oldest first. */
function trace(call: Call): File {
  const { elements } = processDetail(call);
  const lines = elements.map(({ startedAt, endedAt, outcome, elementType, elementId, calledPid }) =>
    [startedAt, endedAt ?? '-', outcome, elementType, elementId, ...(calledPid === null ? [] : [calledPid])]
      .map(oneLine)
      .join(' '),
  );
  return { json: elements, lines };
}

/** The least of each limit that holds for it, whoever has set it, and how nice it is. */
function limits(call: Call): File {
  const json = limitsOf(call, find(call).id);
  const lines = json.limits.map(({ limit, value, used, from, by, reason }): readonly [string, string] => {
    const more = [
      ...(used === undefined ? [] : [`used ${used}`]),
      ...(from === 'settings' ? [] : [`of the ${from}`]),
      ...(by === undefined ? [] : [`by ${by}: ${reason}`]),
    ];
    return [limit, more.length === 0 ? String(value) : `${value} (${more.join(', ')})`];
  });
  return { json, lines: pairs([...lines, ['nice', String(json.nice)]]) };
}

/** What it may use, and what of it comes from where. */
function caps(call: Call): File {
  const json = capabilities(call);
  return { json, lines: capabilityText(json).map(oneLine) };
}

function openHoldings(call: Call): File {
  const json: readonly HoldingRow[] = holdings(call).holdings;
  const lines = json.map(({ id, kind, elementId, name, key, holder, until }) =>
    [id, kind, elementId, name || '-', key || '-', holder ?? '-', until ?? '-'].map(oneLine).join(' '),
  );
  return { json, lines };
}

function uptime({ kernel, engine }: Call): File {
  const seconds = Math.max(0, engine.now() - kernel.status().startedAt) / 1000;
  return { json: { seconds }, lines: [seconds.toFixed(2)] };
}

/** The load of the machine as Unix has it, then what runs, what stands in an incident, and commands that wait for their turn. */
function load({ engine }: Call): File {
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  const json: LoadAverage = {
    one,
    five,
    fifteen,
    running: engine.count('processInstances', { where: [{ column: 'state', op: '=', value: 'active' }] }),
    incidents: engine.count('incidents'),
    queued: engine.queued,
  };
  const averages = [one, five, fifteen].map((value) => value.toFixed(2)).join(' ');
  return { json, lines: [`${averages} ${json.running} ${json.incidents} ${json.queued}`] };
}

/** Of the machine, and of the kernel's host. */
function memory({ kernel }: Call): File {
  const heap = getHeapStatistics();
  const json: MemoryInfo = {
    totalBytes: totalmem(),
    freeBytes: freemem(),
    residentBytes: kernel.status().residentBytes,
    heapTotalBytes: heap.total_heap_size,
    heapUsedBytes: heap.used_heap_size,
    externalBytes: heap.external_memory,
  };
  const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} kB`;
  return {
    json,
    lines: pairs([
      ['MemTotal', kilobytes(json.totalBytes)],
      ['MemFree', kilobytes(json.freeBytes)],
      ['KernelResident', kilobytes(json.residentBytes)],
      ['KernelHeapTotal', kilobytes(json.heapTotalBytes)],
      ['KernelHeapUsed', kilobytes(json.heapUsedBytes)],
      ['KernelExternal', kilobytes(json.externalBytes)],
    ]),
  };
}

function version({ kernel }: Call): File {
  const json = { procos: kernel.status().version, node: process.versions.node };
  return { json, lines: [`ProcOS version ${json.procos} (node ${json.node})`] };
}

function pairs(entries: readonly (readonly [string, string])[]): string[] {
  return entries.map(([name, value]) => `${name}:\t${oneLine(value)}`.trimEnd());
}

/** What is chosen by models and callers must not begin a line of its own. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

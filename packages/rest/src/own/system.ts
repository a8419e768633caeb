/** `GET /api/system` and `POST /api/shutdown`: how the kernel is, and its way down. */
import type { SystemStatus } from '@procos/protocol';
import { Answer, type Call } from '../call.ts';
import { instant, optionalInstant } from './instants.ts';
import { optionalText } from './parameters.ts';
import { waitPoints } from './wait-points.ts';

export function system({ kernel, engine }: Call): SystemStatus {
  const { version, startedAt, phase, safe, rootInstanceId, store, hosts, residentBytes, clockPinnedAt } =
    kernel.status();
  return {
    version,
    startedAt: instant(startedAt),
    now: instant(engine.now()),
    clockPinnedAt: optionalInstant(clockPinnedAt),
    phase,
    safe,
    root: rootInstanceId === null ? null : rootOf(engine, rootInstanceId),
    store: { kind: store.kind, path: store.path, sizeBytes: store.sizeBytes(), lastSequence: store.lastSequence },
    hosts: hosts.map((host) => ({ ...host, startedAt: optionalInstant(host.startedAt) })),
    counts: {
      running: engine.count('processInstances', { where: [{ column: 'state', op: '=', value: 'active' }] }),
      incidents: engine.count('incidents'),
      userTasks: engine.count('userTasks'),
      externalTasks: engine.count('externalTasks'),
      definitions: engine.count('definitions', { where: [{ column: 'latest', op: '=', value: true }] }),
    },
    residentBytes,
  };
}

function rootOf(engine: Call['engine'], id: number): SystemStatus['root'] {
  const [instance] = engine.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] });
  if (instance === undefined) return null;
  return {
    processInstanceId: String(id),
    bpmnProcessId: instance.bpmnProcessId,
    waitsAt: waitPoints(engine, [id]).get(id) ?? [],
  };
}

export async function shutdown({ kernel, by, body }: Call): Promise<Answer> {
  await kernel.requestShutdown(by, optionalText(body, 'reason') ?? 'asked for over REST');
  return new Answer(202, {});
}

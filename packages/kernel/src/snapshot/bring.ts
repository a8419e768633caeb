/** Brings a snapshot into this system: what has to be deployed, then the instances, suspended; then those go on that ran before. */
import { writeFile } from 'node:fs/promises';
import { SYSTEM_PROCESS_PREFIX } from '@procos/bpmn';
import type { Subject } from '@procos/engine';
import { redeploy } from '../redeployment.ts';
import { Hopeless } from '../system-calls/contract.ts';
import { readSnapshot, type SnapshotFamily, type SnapshotHead } from './file.ts';
import type { SnapshotNeeds } from './needs.ts';
import { keepsIds, planImport, requestOf } from './plan.ts';

/** In whose name, and the task that does it: what it has done before it was interrupted is not done again. */
export interface Bringing {
  readonly by: Subject;
  readonly taskId: number;
}

/** Old and new identity. */
export type Pair = readonly [number, number];

/** Deploys what is not here. What is active here stays active: it is deployed anew on top of an older one that comes in. */
export async function deployMissing(
  needs: SnapshotNeeds,
  path: string,
  { by, taskId }: Bringing,
  stay: readonly number[],
): Promise<readonly Pair[]> {
  const engine = needs.engine();
  const { missing, report, known, definitions } = await planImport(needs, path, by);
  if (!report.ok) throw new Hopeless(report.problems.join(' '));
  const pairs: Pair[] = [...known];
  for (const deployment of missing) {
    const key = { key: `system call ${taskId} deployment ${deployment.id}`, fingerprint: String(deployment.id) };
    const outcome = await engine.deploy(requestOf(deployment), by, key);
    if (!outcome.ok) throw new Hopeless(JSON.stringify(outcome.findings));
    const made = engine.find('definitions', {
      where: [{ column: 'id', op: 'in', value: outcome.value.definitionIds }],
    });
    for (const old of definitions.filter(({ deploymentId }) => deploymentId === deployment.id)) {
      const now = made.find(({ bpmnProcessId }) => bpmnProcessId === old.bpmnProcessId);
      if (now === undefined)
        throw new Hopeless(`Deployment ${deployment.id} does not define ${old.bpmnProcessId} here.`);
      pairs.push([old.id, now.id]);
      const { suspended, historyTimeToLive: days } = old;
      if (suspended) await needs.submit({ type: 'setSuspension', target: { definitionId: now.id }, suspended }, by);
      if (days !== undefined) await needs.submit({ type: 'setHistoryTimeToLive', definitionId: now.id, days }, by);
    }
  }
  for (const id of stay) {
    const [before] = engine.find('definitions', { where: [{ column: 'id', op: '=', value: id }] });
    if (before === undefined) continue;
    const latest = engine.latestDefinition(before.bpmnProcessId, before.tenantId);
    if (latest === undefined || latest.checksum === before.checksum) continue;
    const key = { key: `system call ${taskId} again ${id}`, fingerprint: String(id) };
    const outcome = await redeploy(engine, before, by, key);
    if (!outcome.ok) throw new Hopeless(JSON.stringify(outcome.findings));
  }
  return pairs;
}

/** What is active here of the processes that the snapshot would deploy. */
export async function activeOf(needs: SnapshotNeeds, path: string, by: Subject): Promise<readonly number[]> {
  const { missing, definitions } = await planImport(needs, path, by);
  const ids = new Set(missing.map(({ id }) => id));
  const replaced = definitions.filter(({ deploymentId }) => ids.has(deploymentId));
  const active = replaced.flatMap(
    ({ bpmnProcessId, tenantId }) => needs.engine().latestDefinition(bpmnProcessId, tenantId)?.id ?? [],
  );
  return [...new Set(active)];
}

export interface Brought {
  readonly mapping: readonly Pair[];
  readonly resumed: number;
}

export interface BringOptions extends Bringing {
  /** Definitions there and here. */
  readonly definitions: readonly Pair[];
  readonly keepSuspended: boolean;
  /** Gets the whole mapping, as JSON. */
  readonly mappingFile: string;
}

export async function bringInstances(needs: SnapshotNeeds, path: string, options: BringOptions): Promise<Brought> {
  const { by, taskId, keepSuspended, mappingFile } = options;
  const definitions = new Map(options.definitions);
  const system = { kind: by.kind, id: by.id };
  const mapping: Pair[] = [];
  const running: number[] = [];
  let head: SnapshotHead | undefined;
  let large: ReturnType<SnapshotNeeds['blobs']['begin']> | undefined;
  let left = 0;
  let messages = 0;
  const bring = async (family: Pick<SnapshotFamily, 'instances'>, more: Messages, name: string): Promise<void> => {
    const keepIds = more.messages === undefined && keepsIds(needs, head, { kind: 'family', ...family });
    const instances = family.instances.map(({ running: _, ...instance }) => {
      const definitionId = definitions.get(instance.definitionId);
      if (definitionId === undefined)
        throw new Hopeless(`The definition of process instance ${instance.id} is not here.`);
      const startedBy = needs.engine().definition(definitionId)?.bpmnProcessId.startsWith(SYSTEM_PROCESS_PREFIX)
        ? `${system.kind}:${system.id}`
        : instance.startedBy;
      return { ...instance, definitionId, startedBy };
    });
    const key = { key: `system call ${taskId} ${name}`, fingerprint: name };
    const outcome = await needs.bring({ type: 'importProcessInstances', instances, keepIds, ...more }, by, key);
    if (!outcome.ok) throw new Hopeless(outcome.rejection.message);
    const names = new Map(outcome.value.processInstanceIds);
    mapping.push(...names);
    for (const { id, running: ran } of family.instances) if (ran) running.push(names.get(id) ?? id);
  };
  for await (const line of readSnapshot(path)) {
    if (line.kind === 'snapshot') head = line;
    if (line.kind === 'blob') {
      large = needs.blobs.begin(needs.engine().now());
      left = line.size;
    }
    if (line.kind === 'chunk' && large !== undefined) {
      const bytes = Buffer.from(line.base64, 'base64');
      large.add(bytes);
      left -= bytes.length;
      if (left <= 0) large = finish(large, needs);
    }
    if (line.kind === 'family') await bring(line, {}, `family ${line.instances[0]?.id}`);
    if (line.kind === 'message') {
      messages += 1;
      await bring({ instances: [] }, { messages: [line.message] }, `message ${messages}`);
    }
  }
  await writeFile(mappingFile, JSON.stringify(Object.fromEntries(mapping)), { mode: 0o600 });
  for (const processInstanceId of keepSuspended ? [] : running) {
    const outcome = await needs.submit({ type: 'setSuspension', target: { processInstanceId }, suspended: false }, by);
    // One that went on before this was interrupted may have ended.
    if (!outcome.ok && outcome.rejection.code !== 'NOT_FOUND') throw new Error(outcome.rejection.message);
  }
  return { mapping, resumed: keepSuspended ? 0 : running.length };
}

type Messages = { readonly messages?: Parameters<SnapshotNeeds['bring']>[0]['messages'] & object };

function finish(large: ReturnType<SnapshotNeeds['blobs']['begin']>, needs: SnapshotNeeds): undefined {
  large.finish(needs.engine().now());
  while (!large.clear());
  return undefined;
}

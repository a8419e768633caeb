/** Reads a snapshot from its first line to its last and says what bringing it here would do; nothing is changed. */
import { createHash } from 'node:crypto';
import type { Json } from '@procos/bpmn';
import type { Deployment, Subject } from '@procos/engine';
import { SYSTEM_SOURCE } from '../policy/decide.ts';
import type { DeployRequest, ProcessEngine } from '../process-engine.ts';
import {
  readSnapshot,
  SnapshotDamaged,
  type SnapshotDefinition,
  type SnapshotFamily,
  type SnapshotHead,
} from './file.ts';
import type { SnapshotNeeds } from './needs.ts';
import { systemDefinitions } from './scope.ts';

/** Of the processes and instances that are named one by one. */
const NAMED = 1_000;

export interface SnapshotReport {
  /** It may be brought here. */
  readonly ok: boolean;
  /** Why not; each says what to do. */
  readonly problems: readonly string[];
  readonly format: number | null;
  readonly created_at: string | null;
  readonly procos: string | null;
  /** It was written by this very store. */
  readonly from_here: boolean;
  readonly scope: Json;
  readonly counts: Readonly<Record<(typeof COUNTED)[number], number>>;
  /** `here`: the same files are deployed; `new`: they would be deployed; `system`: a process of the system. */
  readonly definitions: readonly { readonly process: string; readonly version: number; readonly state: string }[];
  /** Processes whose active version here is another one, and would stay so. */
  readonly stay_active: readonly string[];
  /** Instances that would keep their identities, and that would get new ones. */
  readonly keep_ids: number;
  readonly new_ids: number;
  /** Instances of the snapshot that run here, too: brought in, they would run twice. */
  readonly running_here: readonly number[];
}

const COUNTED = [
  'definitions',
  'instances',
  'external_tasks',
  'user_tasks',
  'timers',
  'subscriptions',
  'incidents',
  'messages',
  'large_values',
  'history_rows',
] as const;

export interface SnapshotPlan {
  readonly report: SnapshotReport;
  /** Definitions of the snapshot that are here, by their identity there. */
  readonly known: ReadonlyMap<number, number>;
  readonly definitions: readonly SnapshotDefinition[];
  /** What has to be deployed first, in order. */
  readonly missing: readonly Deployment[];
}

/** Identities that a family would keep: undefined where it gets new ones. */
export function keepsIds(needs: SnapshotNeeds, head: SnapshotHead | undefined, family: SnapshotFamily): boolean {
  if (head?.store !== needs.storeName()) return false;
  const ids = family.instances.map(({ id }) => id);
  if (ids.some((id) => id > needs.lastId())) return false;
  return needs.engine().count('processInstances', { where: [{ column: 'id', op: 'in', value: ids }] }) === 0;
}

/** Never throws for what is wrong with the file: that stands in the report. `by`: in whose name it would be brought. */
export async function planImport(needs: SnapshotNeeds, path: string, by: Subject): Promise<SnapshotPlan> {
  const planning = new Planning(needs, by);
  try {
    await planning.read(path);
  } catch (error) {
    // Hashes can be made by anybody: what is in the lines need not be what belongs there.
    if (!(error instanceof SnapshotDamaged || error instanceof TypeError)) throw error;
    planning.problems.push(`The snapshot is damaged or no snapshot. ${error.message} Take another one.`);
  }
  return planning.plan();
}

class Planning {
  readonly problems: string[] = [];
  readonly #needs: SnapshotNeeds;
  readonly #by: Subject;
  readonly #counts = Object.fromEntries(COUNTED.map((name) => [name, 0])) as Record<(typeof COUNTED)[number], number>;
  readonly #definitions: SnapshotDefinition[] = [];
  readonly #known = new Map<number, number>();
  /** Deployments of the snapshot that are here, by their identity there. */
  readonly #here = new Map<number, number>();
  readonly #missing: Deployment[] = [];
  readonly #runningHere: number[] = [];
  readonly #blobs = new Set<string>();
  #head: SnapshotHead | undefined;
  #keep = 0;
  #new = 0;
  #large: { readonly name: string; left: number; readonly hash: ReturnType<typeof createHash> } | undefined;

  constructor(needs: SnapshotNeeds, by: Subject) {
    this.#needs = needs;
    this.#by = by;
  }

  async read(path: string): Promise<void> {
    for await (const line of readSnapshot(path)) {
      switch (line.kind) {
        case 'snapshot':
          this.#head = line;
          break;
        case 'deployment':
          await this.#deployment(line.deployment);
          break;
        case 'definition':
          this.#definition(line);
          break;
        case 'blob':
          this.#counts.large_values += 1;
          this.#blobs.add(line.name);
          this.#large = { name: line.name, left: line.size, hash: createHash('sha256') };
          break;
        case 'chunk':
          this.#chunk(Buffer.from(line.base64, 'base64'));
          break;
        case 'family':
          this.#family(line);
          break;
        case 'history':
          this.#counts.history_rows += line.rows.length;
          break;
        case 'message':
          this.#counts.messages += 1;
          break;
      }
    }
  }

  plan(): SnapshotPlan {
    const head = this.#head;
    const known = new Map(this.#known);
    const missing = new Set(this.#missing.map(({ id }) => id));
    const report: SnapshotReport = {
      ok: this.problems.length === 0,
      problems: this.problems,
      format: head?.format ?? null,
      created_at: head?.createdAt ?? null,
      procos: head?.procos ?? null,
      from_here: head?.store === this.#needs.storeName(),
      scope: (head?.scope ?? {}) as Json,
      counts: this.#counts,
      definitions: this.#definitions.slice(0, NAMED).map(({ bpmnProcessId, version, system, deploymentId }) => ({
        process: bpmnProcessId,
        version,
        state: system ? 'system' : missing.has(deploymentId) ? 'new' : 'here',
      })),
      stay_active: [...new Set(this.#definitions.flatMap((one) => this.#staysActive(one, missing)))].sort(),
      keep_ids: this.#keep,
      new_ids: this.#new,
      running_here: this.#runningHere.slice(0, NAMED),
    };
    return { report, known, definitions: this.#definitions, missing: this.#missing };
  }

  async #deployment(deployment: Deployment): Promise<void> {
    const engine = this.#needs.engine();
    const { id, name, source, tenantId } = deployment;
    if (source === SYSTEM_SOURCE) {
      this.problems.push(
        `Deployment ${id} (${name}) is of the system: no snapshot may change that. Deploy it with procos deploy --system.`,
      );
      return;
    }
    const same = sameDeployment(engine, deployment);
    if (same !== undefined) {
      this.#here.set(id, same);
      return;
    }
    this.#missing.push(deployment);
    const { refused, findings } = await engine.check(requestOf(deployment), this.#by);
    if (!refused) return;
    const errors = findings.flatMap(({ resource, problems }) =>
      problems.filter(({ severity }) => severity === 'error').map(({ message }) => `${resource}: ${message}`),
    );
    this.problems.push(
      `Deployment ${name ?? id} (tenant ${tenantId ?? 'none'}) would be refused here: ${errors.join(' ')}`,
    );
  }

  #definition(definition: SnapshotDefinition): void {
    this.#counts.definitions += 1;
    this.#definitions.push(definition);
    const engine = this.#needs.engine();
    const { id, bpmnProcessId, version, tenantId, checksum, deploymentId, system } = definition;
    const where = [
      { column: 'bpmnProcessId', op: '=', value: bpmnProcessId },
      { column: 'checksum', op: '=', value: checksum },
    ] as const;
    const same = engine.find('definitions', { where }).filter((one) => one.tenantId === tenantId);
    if (system) {
      const ours = systemDefinitions(engine);
      const here = same.findLast((one) => ours.has(one.id));
      if (here !== undefined) this.#known.set(id, here.id);
      else
        this.problems.push(
          `${bpmnProcessId}, version ${version} there, is another one in this system: bring the instances that call it where the same version of ProcOS runs, or let them end first.`,
        );
      return;
    }
    const deployment = this.#here.get(deploymentId);
    if (deployment === undefined) return;
    const here = same.find((one) => one.deploymentId === deployment);
    if (here !== undefined) this.#known.set(id, here.id);
  }

  #staysActive({ bpmnProcessId, tenantId, deploymentId }: SnapshotDefinition, missing: ReadonlySet<number>): string[] {
    const latest = this.#needs.engine().latestDefinition(bpmnProcessId, tenantId);
    return missing.has(deploymentId) && latest !== undefined ? [bpmnProcessId] : [];
  }

  #family(family: SnapshotFamily): void {
    const { instances } = family;
    const known = new Set(this.#definitions.map(({ id }) => id));
    for (const instance of instances) {
      this.#counts.instances += 1;
      this.#counts.external_tasks += instance.externalTasks.length;
      this.#counts.user_tasks += instance.userTasks.length;
      this.#counts.timers += instance.timers.length;
      this.#counts.subscriptions += instance.subscriptions.length;
      this.#counts.incidents += instance.incidents.length;
      if (!known.has(instance.definitionId))
        this.problems.push(`The definition of process instance ${instance.id} is not in the snapshot.`);
    }
    for (const [name] of JSON.stringify(family).matchAll(/sha256:[0-9a-f]{64}/g))
      if (!this.#blobs.has(name) && this.#needs.blobs.find(name) === undefined)
        this.problems.push(`The large value ${name} is neither in the snapshot nor here.`);
    if (keepsIds(this.#needs, this.#head, family)) this.#keep += instances.length;
    else this.#new += instances.length;
    if (this.#head?.store !== this.#needs.storeName()) return;
    const where = [
      { column: 'id', op: 'in', value: instances.map(({ id }) => id) },
      { column: 'state', op: '=', value: 'active' },
    ] as const;
    for (const { id } of this.#needs.engine().find('processInstances', { where })) this.#runningHere.push(id);
  }

  #chunk(bytes: Buffer): void {
    const large = this.#large;
    if (large === undefined) throw new SnapshotDamaged('A part of a large value stands where none is expected.');
    large.hash.update(bytes);
    large.left -= bytes.length;
    if (large.left > 0) return;
    this.#large = undefined;
    if (large.left < 0 || `sha256:${large.hash.digest('hex')}` !== large.name)
      throw new SnapshotDamaged(`The large value ${large.name} is not what its name says.`);
  }
}

export function requestOf({ name, source, tenantId, resources }: Deployment): DeployRequest {
  return { name, source, tenantId, resources, skipUnchanged: false };
}

/** The newest deployment of exactly these files that somebody made. */
function sameDeployment(engine: ProcessEngine, { tenantId, resources }: Deployment): number | undefined {
  const wanted = key(resources);
  const all = engine.find('deployments', { orderBy: [{ column: 'id', descending: true }] });
  return all.find((one) => one.tenantId === tenantId && one.source !== SYSTEM_SOURCE && key(one.resources) === wanted)
    ?.id;
}

function key(resources: Deployment['resources']): string {
  const files = resources.map(({ name, content, bytes = null }) => [name, content, bytes]);
  return JSON.stringify(files.sort(([one = ''], [other = '']) => ((one ?? '') < (other ?? '') ? -1 : 1)));
}

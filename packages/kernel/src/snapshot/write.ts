/** Writes a snapshot: what the instances stand on, then the instances, family by family, so that nobody waits long. */
import type { Definition } from '@procos/engine';
import { SYSTEM_SOURCE } from '../policy/decide.ts';
import { HISTORY_TABLES, SNAPSHOT_FORMAT, type SnapshotInstance, type SnapshotScope, SnapshotWriter } from './file.ts';
import type { SnapshotNeeds } from './needs.ts';
import { systemDefinitions, topsOf } from './scope.ts';

/** Of history in one line. */
const ROWS = 500;

export interface Written {
  readonly bytes: number;
  readonly instances: number;
  readonly definitions: number;
  readonly messages: number;
  readonly large_values: number;
  readonly history_rows: number;
}

/** Every instance must be suspended by now. */
export interface WriteOptions {
  /** Instances that ran until they were frozen for this. */
  readonly thawed: ReadonlySet<number>;
  /** What is over in them, too. */
  readonly history: boolean;
}

export async function writeSnapshot(
  needs: SnapshotNeeds,
  path: string,
  scope: SnapshotScope,
  options: WriteOptions,
): Promise<Written> {
  const writer = await SnapshotWriter.create(path);
  try {
    const written = await new Writing(needs, writer, scope, options).run();
    return { ...written, bytes: await writer.finish() };
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

class Writing {
  readonly #needs: SnapshotNeeds;
  readonly #writer: SnapshotWriter;
  readonly #scope: SnapshotScope;
  readonly #options: WriteOptions;
  #historyRows = 0;
  readonly #blobs = new Set<string>();

  constructor(needs: SnapshotNeeds, writer: SnapshotWriter, scope: SnapshotScope, options: WriteOptions) {
    this.#needs = needs;
    this.#writer = writer;
    this.#scope = scope;
    this.#options = options;
  }

  async run(): Promise<Omit<Written, 'bytes'>> {
    const { engine, version, storeName, rootInstanceId, family } = this.#needs;
    await this.#writer.add({
      kind: 'snapshot',
      format: SNAPSHOT_FORMAT,
      createdAt: new Date(engine().now()).toISOString(),
      procos: version,
      store: storeName(),
      scope: this.#scope,
    });
    const tops = topsOf(engine(), this.#scope, rootInstanceId());
    const definitions = await this.#definitions(tops);
    let instances = 0;
    for (const top of tops) {
      const frozen = family(top).flatMap((id) => this.#instance(id));
      if (frozen.length === 0) continue;
      await this.#large(frozen);
      await this.#writer.add({ kind: 'family', instances: frozen });
      instances += frozen.length;
      if (this.#options.history) for (const { id } of frozen) await this.#history(id);
    }
    const messages = await this.#messages();
    const [large_values, history_rows] = [this.#blobs.size, this.#historyRows];
    return { instances, definitions, messages, large_values, history_rows };
  }

  async #history(processInstanceId: number): Promise<void> {
    for (const table of HISTORY_TABLES) {
      for (let after = 0; ; ) {
        const where = [
          { column: 'processInstanceId', op: '=', value: processInstanceId },
          { column: 'id', op: '>', value: after },
        ] as const;
        const rows = this.#needs.engine().find(table, { where, orderBy: [{ column: 'id' }], limit: ROWS });
        if (rows.length > 0) await this.#writer.add({ kind: 'history', processInstanceId, table, rows });
        this.#historyRows += rows.length;
        after = rows.at(-1)?.id ?? after;
        if (rows.length < ROWS) break;
      }
    }
  }

  #instance(id: number): SnapshotInstance[] {
    const frozen = this.#needs.freeze(id);
    const where = [{ column: 'id', op: '=', value: id }] as const;
    const [row] = this.#needs.engine().find('processInstances', { where });
    if (frozen === undefined || row === undefined) return [];
    if (!frozen.suspended) throw new Error(`Process instance ${id} has begun after the others were frozen: try again.`);
    const { startedBy, startElementId } = row;
    return [{ ...frozen, startedBy, startElementId, running: this.#options.thawed.has(id) }];
  }

  /** Deployments of what runs and of what it may call; of everything where everything is asked for. How many definitions. */
  async #definitions(tops: readonly number[]): Promise<number> {
    const engine = this.#needs.engine();
    const system = systemDefinitions(engine);
    const wanted = this.#isWhole ? engine.find('definitions').map(({ id }) => id) : this.#used(tops);
    const definitions = wanted
      .flatMap((id) => engine.definition(id) ?? [])
      .filter((one) => !this.#isWhole || !system.has(one.id));
    const running = new Set(
      tops.flatMap((top) => this.#needs.family(top)).map((id) => this.#needs.freeze(id)?.definitionId),
    );
    for (const id of running) {
      const called = id === undefined || !system.has(id) ? undefined : engine.definition(id);
      if (called !== undefined && !definitions.includes(called)) definitions.push(called);
    }
    const deploymentIds = new Set(
      definitions.filter(({ id }) => !system.has(id)).map(({ deploymentId }) => deploymentId),
    );
    const all = engine.find('deployments', { orderBy: [{ column: 'id' }] });
    for (const deployment of all) {
      const decides = this.#isWhole && deployment.source !== SYSTEM_SOURCE && !isDraft(deployment);
      if (deploymentIds.has(deployment.id) || decides) await this.#writer.add({ kind: 'deployment', deployment });
    }
    for (const definition of definitions.toSorted((one, other) => one.id - other.id)) {
      const { id, deploymentId, bpmnProcessId, version, tenantId, checksum, suspended, historyTimeToLive } = definition;
      await this.#writer.add({
        kind: 'definition',
        id,
        deploymentId,
        bpmnProcessId,
        version,
        tenantId,
        checksum,
        suspended,
        ...(historyTimeToLive === undefined ? {} : { historyTimeToLive }),
        system: system.has(id),
      });
    }
    return definitions.length;
  }

  get #isWhole(): boolean {
    return this.#scope.instances === undefined && this.#scope.process === undefined;
  }

  /** Definitions that the instances follow, and the latest ones of processes that these call by name, and so on. */
  #used(tops: readonly number[]): readonly number[] {
    const engine = this.#needs.engine();
    const found = new Map<number, Definition>();
    const add = (definition: Definition | undefined): void => {
      if (definition === undefined || found.has(definition.id)) return;
      found.set(definition.id, definition);
      for (const element of Object.values(definition.model.elements))
        if ('called' in element) add(engine.latestDefinition(element.called.processId.text, definition.tenantId));
    };
    for (const top of tops)
      for (const id of this.#needs.family(top)) add(engine.definition(this.#needs.freeze(id)?.definitionId ?? 0));
    if (this.#scope.process !== undefined) add(engine.latestDefinition(this.#scope.process, null));
    return [...found.keys()];
  }

  async #messages(): Promise<number> {
    if (!this.#isWhole) return 0;
    const messages = this.#needs.messages();
    for (const message of messages) {
      await this.#large(message);
      await this.#writer.add({ kind: 'message', message });
    }
    return messages.length;
  }

  /** What it names and no line before has. */
  async #large(value: unknown): Promise<void> {
    for (const [name] of JSON.stringify(value).matchAll(/sha256:[0-9a-f]{64}/g)) {
      const blob = this.#blobs.has(name) ? undefined : this.#needs.blobs.find(name);
      if (blob === undefined) continue;
      this.#blobs.add(name);
      await this.#writer.add({ kind: 'blob', name, size: blob.size });
      for (const bytes of this.#needs.blobs.read(name))
        await this.#writer.add({ kind: 'chunk', base64: Buffer.from(bytes).toString('base64') });
    }
  }
}

function isDraft({ source }: { readonly source: string | null }): boolean {
  return source === 'procos draft';
}

/** Large values on their way in and out: taken in chunk by chunk between the commands, and put in the place of what is too large to be in a record. */
import { asLargeValue, JSON_TYPE, type LargeValue, TEXT_TYPE, type Variable } from '@procos/bpmn';
import { type Command, givenVariables, type Limits, measure, type Rejection, replaceVariables } from '@procos/engine';
import { type Blob, CHUNK_BYTES, StorageFull, type Store, StoreFailure } from '@procos/store';
import type { Clock } from './clock.ts';
import { type CommandLoop, storageFull } from './loop.ts';
import { type LargeValues, Unavailable } from './process-engine.ts';

export interface LargeValueSettings {
  /** Of one value. */
  readonly mostBytes: number;
  /** How long one is kept that nothing names, ms. */
  readonly keptMs: number;
}

export const LARGE_VALUES: LargeValueSettings = { mostBytes: 104_857_600, keptMs: 86_400_000 };

/** More bytes than one value may have. */
export class ValueTooLarge extends Error {
  constructor(mostBytes: number) {
    super(`A value has at most ${mostBytes} bytes: send less, or raise the setting limit-large-value`);
    this.name = 'ValueTooLarge';
  }
}

interface Needs {
  readonly store: Store;
  readonly loop: Pick<CommandLoop, 'now' | 'fail'>;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly settings: LargeValueSettings;
}

type Given = readonly [name: string, variable: Variable];

export class LargeValueKeeper implements LargeValues {
  readonly mostBytes: number;
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.mostBytes = needs.settings.mostBytes;
  }

  async take(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Blob> {
    const { store, loop } = this.#needs;
    const upload = this.#guarded(() => store.blobs.begin(loop.now()));
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let filled = 0;
    let size = 0;
    const add = (): void => {
      this.#guarded(() => upload.add(chunk.subarray(0, filled)));
      filled = 0;
    };
    try {
      for await (const part of content) {
        size += part.length;
        if (size > this.mostBytes) throw new ValueTooLarge(this.mostBytes);
        for (let from = 0; from < part.length; ) {
          const bytes = part.subarray(from, from + CHUNK_BYTES - filled);
          chunk.set(bytes, filled);
          filled += bytes.length;
          from += bytes.length;
          if (filled < CHUNK_BYTES) continue;
          add();
          await this.#turn();
        }
      }
      if (filled > 0) add();
      return this.#guarded(() => upload.finish(loop.now()));
    } catch (error) {
      upload.abandon();
      throw error;
    } finally {
      void this.#clear(() => upload.clear());
    }
  }

  find(name: string): Blob | undefined {
    return this.#guarded(() => this.#needs.store.blobs.find(name));
  }

  *read(name: string, from?: number, to?: number): Generator<Uint8Array> {
    const chunks = this.#needs.store.blobs.read(name, from, to)[Symbol.iterator]();
    for (;;) {
      const next = this.#guarded(() => chunks.next());
      if (next.done === true) return;
      yield next.value;
    }
  }

  /** One small step of removing what nothing names any more. */
  sweep(): { readonly removed: number; readonly more: boolean } {
    const { store, loop, settings } = this.#needs;
    return store.blobs.sweep(loop.now() - settings.keptMs);
  }

  /** What of a command's variables is too large to be in a record, or names a large value. Nearly always nothing. */
  concerned(command: Command): readonly Given[] {
    return givenVariables(command).filter(
      ([, { value }]) => asLargeValue(value) !== undefined || this.#isTooLarge(value),
    );
  }

  /** The command as it can be in a record, once all bytes that it names are on the disk. */
  async settle<C extends { readonly type: string }>(
    command: C,
    given: readonly Given[],
  ): Promise<{ readonly command: C } | { readonly rejection: Rejection }> {
    const instead = new Map<Variable, Variable>();
    for (const [name, variable] of given) {
      const handle = asLargeValue(variable.value);
      let blob: Blob | undefined;
      try {
        blob = handle === undefined ? await this.take([contentOf(variable)]) : this.#keep(handle.blob);
      } catch (error) {
        if (!(error instanceof ValueTooLarge)) throw error;
        const message = `variable '${name}' is too large: ${error.message}`;
        return { rejection: { code: 'INVALID_ARGUMENT', message, details: { variable: name } } };
      }
      if (blob === undefined) {
        const message = `variable '${name}' names ${handle?.blob}, which is not here: send its content first`;
        return { rejection: { code: 'INVALID_ARGUMENT', message, details: { variable: name } } };
      }
      instead.set(variable, { ...variable, value: handleOf(variable, blob, handle) });
    }
    return { command: replaceVariables(command, instead) };
  }

  #isTooLarge(value: Variable['value']): boolean {
    const { variableSize, variableDepth } = this.#needs.limits;
    const { size, depth } = measure(value);
    return size > variableSize && depth <= variableDepth;
  }

  /** From now on as if it had just been taken in: the record that names it is on its way. */
  #keep(name: string): Blob | undefined {
    const { store, loop, settings } = this.#needs;
    return this.#guarded(() => {
      const blob = store.blobs.find(name);
      const now = loop.now();
      if (blob !== undefined && blob.at < now - settings.keptMs / 2) store.blobs.touch(name, now);
      return blob;
    });
  }

  /** Everything else has its turn. */
  #turn(): Promise<void> {
    return new Promise((resolve) => this.#needs.clock.soon(resolve));
  }

  async #clear(step: () => boolean): Promise<void> {
    try {
      while (!this.#guarded(step)) await this.#turn();
    } catch {
      // The sweep tries it again.
    }
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof StorageFull) throw storageFull();
      if (!(error instanceof StoreFailure)) throw error;
      this.#needs.loop.fail(error);
      throw new Unavailable('FAILED', 'The store failed and the kernel is ending. See its log.');
    }
  }
}

function contentOf({ type, value }: Variable): Buffer {
  if (typeof value !== 'string') return Buffer.from(JSON.stringify(value));
  return Buffer.from(value, type === 'Bytes' || type === 'File' ? 'base64' : 'utf8');
}

/** What a variable of this type has as its value when its content is kept out of line. */
export function handleOf(
  { type, info }: Pick<Variable, 'type' | 'info'>,
  { name: blob, size }: Pick<Blob, 'name' | 'size'>,
  given: Partial<LargeValue> = {},
): LargeValue {
  const mediaType = MEDIA_TYPES[type] ?? given.type ?? info?.mimeType ?? info?.serializationDataFormat;
  const name = info?.filename ?? given.name;
  return {
    blob,
    size,
    ...(mediaType === undefined ? {} : { type: mediaType }),
    ...(name === undefined ? {} : { name }),
  };
}

const MEDIA_TYPES: Partial<Record<Variable['type'], string>> = {
  String: TEXT_TYPE,
  Json: JSON_TYPE,
  Xml: 'application/xml',
};

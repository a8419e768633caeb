/**
 * QuickJS in WebAssembly, in which every script begins in the same memory, byte for byte.
 *
 * A runtime with its context and the prelude is made once, and an image of its memory is kept. After each script the memory is
 * set back to the image: what a script has done to the interpreter, also by an error in it, the next one does not meet. That
 * is more than a new runtime beside the remains of the old one would give, and takes a fifth of the time.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import release from '@jitl/quickjs-wasmfile-release-sync';
import {
  type EmscriptenModuleLoader,
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSEmscriptenModule,
  type QuickJSHandle,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';
import { MAX_OUTPUT, type ScriptJob, type ScriptReply } from './messages.ts';
import { PRELUDE } from './prelude.ts';

const WASM_PAGE = 64 * 1024;
/** Smallest memory that the module takes, and largest (2 GiB), in pages. */
const LEAST_PAGES = 256;
const MOST_PAGES = 32_768;
const STACK_BYTES = 512 * 1024;
/** How far from its beginning the stack is cleaned: its limit, and what native code may take after its last look at it. */
const STACK_CLEANED = STACK_BYTES + 64 * 1024;
/** Words of 64 bits. */
const PIECE = 512;
const MAX_JOBS = 100_000;

interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

interface Loaded {
  readonly memory: WebAssembly.Memory;
  readonly quickjs: QuickJSWASMModule;
  /** Takes so many bytes out of the heap for good; 0: there are not so many. */
  readonly reserve: (bytes: number) => number;
}

interface Sizes {
  readonly memoryBytes: number;
  readonly room: number;
}

/** `[from, to)`, in bytes. */
type Span = readonly [from: number, to: number];

export class Interpreter {
  readonly memory: WebAssembly.Memory;
  readonly #context: QuickJSContext;
  readonly #prepare: QuickJSHandle;
  readonly #image: readonly Piece[];
  readonly #cleaned: readonly Span[];
  readonly #size: number;
  #bytes: Uint8Array;
  #endsAt = Number.POSITIVE_INFINITY;

  /**
   * `memoryBytes`: what one script may take; QuickJS counts it, and the memory has an end of its own not far beyond. `room`: how
   * much of that it may take before the memory grows, bytes: all of it is cleaned after each script, while a memory that has
   * grown is given up.
   */
  static async create(memoryBytes: number, room: number): Promise<Interpreter> {
    const most = Math.min(MOST_PAGES, LEAST_PAGES + 2 * Math.ceil(memoryBytes / WASM_PAGE));
    const memory = new WebAssembly.Memory({ initial: LEAST_PAGES, maximum: most });
    return new Interpreter({ ...(await load(memory)), memoryBytes, room });
  }

  private constructor({ memory, quickjs, reserve, memoryBytes, room }: Loaded & Sizes) {
    this.memory = memory;
    const runtime = quickjs.newRuntime();
    runtime.setMemoryLimit(memoryBytes);
    runtime.setMaxStackSize(STACK_BYTES);
    runtime.setInterruptHandler(() => Date.now() > this.#endsAt);
    this.#context = runtime.newContext();
    this.#prepare = this.#context.unwrapResult(this.#context.evalCode(PRELUDE, 'prelude.js'));
    this.#bytes = new Uint8Array(memory.buffer);
    this.#size = this.#bytes.length;
    // The heap goes on behind what is in use. All but the room is taken out of it: beyond, the memory has to grow, which is seen.
    const inUse = usedSpans(this.#bytes).at(-1)?.[1] ?? 0;
    const reservedFrom = reserve(this.#size - inUse - room);
    if (reservedFrom === 0 || memory.buffer.byteLength !== this.#size)
      throw new Error('The memory of the interpreter is laid out in an unexpected way.');
    const used = usedSpans(this.#bytes);
    this.#image = used.map(([from, to]) => ({ at: from, bytes: this.#bytes.slice(from, to) }));
    this.#cleaned = cleanedSpans(used, this.#size);
  }

  /** False: the memory has grown, and is not the one that a script may begin in. */
  get usable(): boolean {
    return this.memory.buffer.byteLength === this.#size;
  }

  /** Runs one script. Throws when the interpreter itself broke down. */
  run(job: ScriptJob): ScriptReply {
    this.#endsAt = Date.now() + job.timeMs;
    return this.#run(job, () => Date.now() > this.#endsAt);
  }

  /** Sets the memory back to what it was before the first script; only where it is `usable`. */
  reset(): void {
    for (const [from, to] of this.#cleaned) this.#bytes.fill(0, from, to);
    for (const { at, bytes } of this.#image) this.#bytes.set(bytes, at);
  }

  #run(job: ScriptJob, late: () => boolean): ScriptReply {
    const context = this.#context;
    const seeds = Array.from({ length: 4 }, () => context.newNumber(entropy()));
    const finish = context.callFunction(this.#prepare, context.undefined, context.newString(job.variables), ...seeds);
    if (finish.error) return thrown(context, finish.error, late());
    const script = context.evalCode(job.source, 'script.js', { type: 'global' });
    if (script.error) return thrown(context, script.error, late());
    const pending = context.runtime.executePendingJobs(MAX_JOBS);
    if (pending.error) return thrown(context, pending.error, late());
    const settled = context.getPromiseState(script.value);
    if (settled.type === 'rejected') return thrown(context, settled.error, late());
    if (settled.type === 'pending')
      return { outcome: 'thrown', message: 'The script ended with a promise that never settles.' };
    const output = context.callFunction(finish.value, context.undefined, settled.value);
    if (output.error) return thrown(context, output.error, late());
    const text = context.getString(output.value);
    if (text.length > MAX_OUTPUT)
      return { outcome: 'limit', message: `The script's result is larger than ${MAX_OUTPUT} characters.` };
    return { outcome: 'done', output: text };
  }
}

const chance = new Int32Array(4096);
let chanceUsed = chance.length;

/** 32 bits that nobody can foresee. */
function entropy(): number {
  if (chanceUsed === chance.length) {
    crypto.getRandomValues(chance);
    chanceUsed = 0;
  }
  return chance[chanceUsed++] ?? 0;
}

/** Compiled once: that takes most of the time until a first interpreter is there. */
let compiled: WebAssembly.Module | undefined;

async function load(memory: WebAssembly.Memory): Promise<Loaded> {
  compiled ??= new WebAssembly.Module(
    readFileSync(fileURLToPath(import.meta.resolve('@jitl/quickjs-wasmfile-release-sync/wasm'))),
  );
  // The types are those of the CommonJS module; the ES module is the variant itself.
  const variant = 'default' in release ? release.default : release;
  const own = newVariant(variant, { wasmModule: compiled, wasmMemory: memory });
  // `newVariant` gives the function itself.
  const start = (await own.importModuleLoader()) as EmscriptenModuleLoader<QuickJSEmscriptenModule>;
  const module = await start();
  const quickjs = await newQuickJSWASMModuleFromVariant({ ...own, importModuleLoader: async () => async () => module });
  return { memory, quickjs, reserve: (bytes) => module._malloc(bytes) };
}

/** Where the memory is not zero, in order. */
function usedSpans(memory: Uint8Array): Span[] {
  const words = new BigUint64Array(memory.buffer);
  const spans: Span[] = [];
  let from: number | undefined;
  for (let at = 0; at <= words.length; at += PIECE) {
    if (at < words.length && isUsed(words, at)) from ??= at * words.BYTES_PER_ELEMENT;
    else if (from !== undefined) {
      spans.push([from, at * words.BYTES_PER_ELEMENT]);
      from = undefined;
    }
  }
  return spans;
}

function isUsed(words: BigUint64Array, from: number): boolean {
  for (let at = from; at < from + PIECE; at++) if (words[at] !== 0n) return true;
  return false;
}

/**
 * What a script may write to: everything but the two widest gaps, which are the stack, of which only the part at its beginning
 * (it grows downward) is ever used, and what was taken out of the heap.
 */
function cleanedSpans(used: readonly Span[], size: number): Span[] {
  const gaps = used
    .slice(1)
    .map(([to], index): Span => [used[index]?.[1] ?? 0, to])
    .sort((left, right) => right[1] - right[0] - (left[1] - left[0]))
    .slice(0, 2)
    .sort((left, right) => left[0] - right[0]);
  const [stack, reserved] = gaps;
  if (stack === undefined || reserved === undefined)
    throw new Error('The memory of the interpreter is laid out in an unexpected way.');
  return [
    [0, stack[0]],
    [stack[1] - STACK_CLEANED, reserved[0]],
    [reserved[1], size],
  ];
}

/** Reads only text members of the error. */
function thrown(context: QuickJSContext, error: QuickJSHandle, late: boolean): ScriptReply {
  const member = (name: string): string | undefined => {
    if (context.typeof(error) !== 'object') return undefined;
    const found = context.getProp(error, name);
    return context.typeof(found) === 'string' ? context.getString(found) : undefined;
  };
  const name = member('name') ?? 'Error';
  const message =
    member('message') ?? (context.typeof(error) === 'string' ? context.getString(error) : 'thrown without a message');
  const code = member('code');
  if (late || (name === 'InternalError' && message === 'interrupted')) {
    return { outcome: 'limit', message: 'The script ran out of time.' };
  }
  if (name === 'InternalError' && message === 'out of memory')
    return { outcome: 'limit', message: 'The script ran out of memory.' };
  if (name === 'BpmnError' && code !== undefined) return { outcome: 'bpmnError', code, message };
  const line = /script\.js:(\d+)/.exec(member('stack') ?? '')?.[1];
  return {
    outcome: 'thrown',
    message: `${name}: ${message}${line === undefined ? '' : ` (line ${line})`}`.slice(0, 2000),
  };
}

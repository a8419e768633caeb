/**
 * The program of a script process: reads one job from stdin, runs it in QuickJS, writes one reply to stdout, ends.
 *
 * It runs with an empty environment and under Node's permission model, where applicable in a bubblewrap box; the parent kills
 * it from outside when it takes too long. The script gets no host function at all: what it reads and sets lives inside the interpreter.
 */
import { getQuickJS, type QuickJSContext, type QuickJSHandle } from 'quickjs-emscripten';
import { MAX_OUTPUT, type ScriptJob, type ScriptReply } from './messages.ts';

/**
 * Runs inside the interpreter before the script; keeps the built-ins it needs, so that the script cannot exchange them.
 * Gives back the function that puts result and set variables into one JSON text.
 */
const PRELUDE = `(function (text) {
  'use strict';
  const { parse, stringify } = JSON;
  const { defineProperty, hasOwn, create, keys } = Object;
  const given = parse(text);
  const changed = create(null);
  class BpmnError extends Error {
    constructor(code, message) { super(message); this.name = 'BpmnError'; this.code = String(code); }
  }
  const execution = {
    getVariable(name) { return hasOwn(changed, name) ? changed[name] : hasOwn(given, name) ? given[name] : null; },
    hasVariable(name) { return hasOwn(changed, name) || hasOwn(given, name); },
    getVariables() { const all = create(null); for (const n of keys(given)) all[n] = given[n]; for (const n of keys(changed)) all[n] = changed[n]; return all; },
    setVariable(name, value) { defineProperty(changed, String(name), { value, enumerable: true, configurable: true, writable: true }); },
  };
  const define = (name, value) => defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  for (const name of keys(given)) if (!(name in globalThis)) define(name, given[name]);
  define('variables', given);
  define('execution', execution);
  define('BpmnError', BpmnError);
  return (result) => stringify({ result: result === undefined ? null : result, variables: changed });
})`;

const MAX_JOBS = 100_000;

async function main(): Promise<void> {
  const quickjs = await getQuickJS();
  // A letter that the interpreter is loaded: the time of the script begins with the job.
  process.stdout.write('R');
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  if (chunks.length === 0) return;
  const job = JSON.parse(Buffer.concat(chunks).toString()) as ScriptJob;
  const runtime = quickjs.newRuntime();
  runtime.setMemoryLimit(job.memoryBytes);
  runtime.setMaxStackSize(512 * 1024);
  const endsAt = Date.now() + job.timeMs;
  runtime.setInterruptHandler(() => Date.now() > endsAt);
  reply(run(runtime.newContext(), job, () => Date.now() > endsAt));
}

function run(context: QuickJSContext, job: ScriptJob, late: () => boolean): ScriptReply {
  const prelude = context.evalCode(PRELUDE, 'prelude.js');
  if (prelude.error) return thrown(context, prelude.error, late());
  const finish = context.callFunction(prelude.value, context.undefined, context.newString(job.variables));
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

/** Reads only own text members of the error, never calling into the script. */
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

/** Ends without clean-up: freeing a runtime after a stack overflow aborts the whole module, and the process ends anyway. */
function reply(answer: ScriptReply): void {
  process.stdout.write(JSON.stringify(answer), () => process.exit(0));
}

await main();

#!/usr/bin/env node
// Starts the command line on Node 24 or newer, whichever Node from 20 on runs this file. Plain JavaScript: nothing is compiled before it.
import { isTooOld, pinnedNode } from './node.js';

// Prototype poisoning ends here; the one experimental module in use (node:sqlite) is known to be one; a young generation
// of half the usual size saves about 10 MB of resident memory. Not every flag may stand here: those that change what V8
// compiles, --expose-gc among them, take away the compiled code of Node's own modules (launcher.test.ts).
const FLAGS = ['--disable-proto=delete', '--disable-warning=ExperimentalWarning', '--max-semi-space-size=8'];
// For the memory allocator of glibc, which others ignore: one pool instead of one for each thread, and what is free goes
// back to the system. Saves another 10 MB.
const MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '131072' };

// What a branch needs it loads itself: of the process that only begins again under other flags, half the time is loading.
if (isTooOld()) {
  const node = await pinnedNode();
  if (node === undefined) process.exit(1);
  const { runUnder } = await import('./run-under.js');
  const { fileURLToPath } = await import('node:url');
  const args = [...FLAGS, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  runUnder(node, args, { ...MALLOC, ...process.env });
} else if (needsFlags() && typeof process.execve === 'function') {
  const args = [process.execPath, ...process.execArgv, ...FLAGS, import.meta.filename, ...process.argv.slice(2)];
  process.execve(process.execPath, args, { ...MALLOC, ...process.env });
} else {
  const { enableCompileCache } = process.getBuiltinModule('node:module');
  // Also for the worker host, which inherits it.
  process.env.NODE_COMPILE_CACHE ??= compileCache();
  enableCompileCache(process.env.NODE_COMPILE_CACHE);
  const { entry } = await import('./entry.js');
  await import(entry('main'));
}

/** Only the kernel does; the other commands start sooner without a second process image. */
function needsFlags() {
  return process.argv.includes('start') && !FLAGS.every((flag) => process.execArgv.includes(flag));
}

/** Compiled code beside the installed modules, not in the shared temporary folder where others could put theirs. */
function compileCache() {
  const { existsSync } = process.getBuiltinModule('node:fs');
  const { dirname, join } = process.getBuiltinModule('node:path');
  const bin = import.meta.dirname;
  for (let folder = bin; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules'))) return join(folder, 'node_modules', '.cache', 'procos');
  }
  return join(bin, '.cache');
}

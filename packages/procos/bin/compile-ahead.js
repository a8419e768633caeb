// Starts the system once on an empty folder, opens its console and stops it, so that the first start of a person finds compiled code: sooner up, and smaller in memory.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const GIVE_UP_MS = 30_000;
const launcher = fileURLToPath(new URL('procos.js', import.meta.url));
const data = mkdtempSync(join(tmpdir(), 'procos-compile-'));
const child = spawn(
  process.execPath,
  [launcher, 'start', '--port', '0', '--grpc-port', 'off', '--data', data, '--json'],
  {
    stdio: ['ignore', 'pipe', 'pipe'],
  },
);
const timer = setTimeout(() => child.kill('SIGKILL'), GIVE_UP_MS);
let output = '';
let notes = '';
child.stderr.on('data', (chunk) => {
  notes += chunk;
});
let isReady = false;
child.stdout.on('data', async (chunk) => {
  output += chunk;
  if (isReady || !output.includes('"kernel_ready"')) return;
  isReady = true;
  const [, url] = /console at (http\S+\/)/.exec(notes) ?? [];
  // Whoever starts it opens that first. Where it cannot be opened the rest is compiled all the same.
  if (url !== undefined)
    await fetch(url).then(
      (answer) => answer.text(),
      () => {},
    );
  child.kill('SIGTERM');
});
child.on('close', () => {
  clearTimeout(timer);
  rmSync(data, { recursive: true, force: true });
  // An installation where this does not work is complete all the same.
  if (!output.includes('"kernel_ready"')) console.warn('ProcOS was not compiled ahead; its first start takes longer.');
});

/** How a script process is started: Node with its permission model, in a bubblewrap box where there is one. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkerLogger } from '@procos/client';
import { invalid } from '../handler.ts';
import { numberSetting, type Settings, setting } from '../settings.ts';

export interface Sandbox {
  readonly kind: 'bwrap' | 'process';
  start(): ChildProcess;
}

/** The program of a script process, and how it is started. Throws a failure that is not retried when the settings demand a box that this machine does not have. */
export function createSandbox(settings: Settings, log: WorkerLogger): Sandbox {
  const wanted = setting(settings, 'PROCOS_SANDBOX');
  const program = nodeArguments(numberSetting(settings, 'PROCOS_SCRIPT_MEMORY_MB') * 1024 * 1024);
  if (wanted !== 'none' && bwrapWorks()) {
    const command = [...boxArguments([...readable(), process.execPath]), process.execPath, ...program];
    return { kind: 'bwrap', start: () => spawnChild('bwrap', command, searchPath()) };
  }
  if (wanted === 'bwrap') {
    throw invalid(
      'PROCOS_SANDBOX is bwrap, but bubblewrap does not work here. Install it (package bubblewrap), or set PROCOS_SANDBOX=auto.',
    );
  }
  log.warn(
    'sandbox_degraded',
    'Scripts run without the bubblewrap box: only the interpreter, the permission model and the kill timer stand between them and this machine. Install bubblewrap and set PROCOS_SANDBOX to auto or bwrap.',
  );
  return { kind: 'process', start: () => spawnChild(process.execPath, program, {}) };
}

/** Present is not enough: many containers forbid the namespaces that it needs. */
export function bwrapWorks(): boolean {
  return runsHere('bwrap', [...boxArguments([]), '/bin/sh', '-c', 'exit 0']);
}

/** What has run once, with the search path of then: the question stops everything else in this process while it is asked. */
const running = new Set<string>();

/** Whether a program can be started here and ends well. */
export function runsHere(command: string, args: readonly string[]): boolean {
  const env = searchPath();
  const question = JSON.stringify([command, args, env]);
  if (running.has(question)) return true;
  const works = spawnSync(command, args, { env, timeout: 5_000 }).status === 0;
  if (works) running.add(question);
  return works;
}

function spawnChild(command: string, args: readonly string[], env: Record<string, string>): ChildProcess {
  // A process group of its own, so that the box and what is in it are killed together.
  return spawn(command, args, { env, cwd: '/', stdio: ['pipe', 'pipe', 'ignore'], detached: true, windowsHide: true });
}

/** Kills the process and, where there are process groups, everything that it started. */
export function killSandboxed(child: ChildProcess): void {
  try {
    if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
  child.kill('SIGKILL');
}

/** bwrap itself has to be found; it clears the environment of what it starts. */
export function searchPath(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin' };
}

/**
 * KB; the threads of most systems have 8 MB. The interpreter's own limit is to come first: it can be caught and names the line.
 * Where there is less, a deep recursion ends the process instead.
 */
const STACK: readonly string[] = process.platform === 'win32' ? [] : ['--stack-size=6000'];

/** No file but the program and its libraries, no child process, no worker thread, no add-on. */
function nodeArguments(memoryBytes: number): string[] {
  const here = fileURLToPath(import.meta.url);
  // Beside this code, compiled where it is compiled.
  const program = join(dirname(here), `script-child${extname(here)}`);
  const folders = readable().map((folder) => `--allow-fs-read=${folder}/*`);
  return [
    '--permission',
    ...folders,
    '--no-warnings',
    '--max-old-space-size=64',
    ...STACK,
    program,
    String(memoryBytes),
  ];
}

/** This folder and those of the interpreter's packages. Below `node_modules` all of it: some installers put links there to places of their own below it. */
function readable(): string[] {
  const here = dirname(fileURLToPath(import.meta.url));
  const interpreter = fileURLToPath(import.meta.resolve('quickjs-emscripten-core'));
  const folders = [here, installedIn(here) ?? dirname(dirname(here)), installedIn(interpreter)];
  return [...new Set(folders.filter((folder) => folder !== undefined).map((path) => realpathSync(path)))];
}

/** The outermost folder `node_modules` on the way to a file. */
function installedIn(path: string): string | undefined {
  const name = `${sep}node_modules`;
  const at = path.indexOf(`${name}${sep}`);
  return at === -1 ? undefined : path.slice(0, at + name.length);
}

/** Ends with `--`: the command follows. */
export function boxArguments(folders: readonly string[], environment: Readonly<Record<string, string>> = {}): string[] {
  const system = ['/usr', '/lib', '/lib64', '/bin', '/sbin', '/etc/ld.so.cache'];
  const bind = (path: string): string[] => ['--ro-bind-try', path, path];
  return [
    ...['--unshare-all', '--die-with-parent', '--new-session', '--clearenv', '--cap-drop', 'ALL'],
    ...['--uid', '65534', '--gid', '65534', '--hostname', 'sandbox'],
    ...system.flatMap(bind),
    // Before the program's own folders: an installation below /tmp stays visible.
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...folders.flatMap(bind),
    ...Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--chdir', '/', '--'],
  ];
}

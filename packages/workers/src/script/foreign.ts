/** Scripts in Python and shell: a runtime of the system in a bubblewrap box, with limits, under a kill timer. */
import { spawn } from 'node:child_process';
import { BpmnError } from '@procos/client';
import { invalid, type Outputs, type Services } from '../handler.ts';
import { numberSetting, setting } from '../settings.ts';
import { MAX_OUTPUT } from './messages.ts';
import { boxArguments, bwrapWorks, killSandboxed, runsHere, searchPath } from './sandbox.ts';

export type ForeignFormat = 'python' | 'shell';

const FORMATS: Readonly<Record<string, ForeignFormat>> = {
  python: 'python',
  python3: 'python',
  shell: 'shell',
  sh: 'shell',
  bash: 'shell',
};

/** One argument of a program, and one value of an environment variable, hold no more (Linux: 128 KiB). */
const MAX_ARGUMENT = 100_000;
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_PROCESSES = 64;
const NOBODY = 65_534;
/** Until the box stands and the runtime begins. */
const START_MS = 2_000;
/** Between the output of a shell script and the variables that it sets (ASCII record separator). */
const SEPARATOR = '\u001e';

export function foreignFormat(format: string): ForeignFormat | undefined {
  return Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
}

type Variables = Readonly<Record<string, unknown>>;

/**
 * Python: variables are globals by their name (where it can be one) and `variables`; `execution.getVariable` and
 * `setVariable`; the result is the global `result`; `raise BpmnError(code, message)`. Shell: text, numbers and booleans are
 * environment variables of their name, all are JSON in the file `$VARIABLES_FILE`; the result is what it prints (as JSON
 * where it is); a JSON object in the file `$OUTPUT_FILE` sets variables. Needs bubblewrap, whatever the setting says.
 */
export async function runForeign(
  format: ForeignFormat,
  source: string,
  variables: Variables,
  services: Services,
): Promise<Outputs> {
  if (setting(services.settings, 'PROCOS_SANDBOX') === 'none' || !bwrapWorks())
    throw invalid(
      `Scripts in ${format} run only in a bubblewrap box: install bubblewrap and set PROCOS_SANDBOX to auto or bwrap.`,
    );
  if (source.length > MAX_ARGUMENT)
    throw invalid(`The script has ${source.length} characters; at most ${MAX_ARGUMENT} are allowed.`);
  const timeMs = numberSetting(services.settings, 'PROCOS_SCRIPT_SECONDS') * 1000;
  // The runtime itself needs some: the setting is what the script may take beside it.
  const memoryBytes = (numberSetting(services.settings, 'PROCOS_SCRIPT_MEMORY_MB') + 64) * 1024 * 1024;
  const command = format === 'python' ? python(source) : shell(source);
  const environment = format === 'python' ? {} : scalars(variables);
  const box = boxArguments([], { PATH: '/usr/bin:/bin', ...environment });
  const ended = await run(
    [...box, ...limits(memoryBytes, timeMs), ...command],
    JSON.stringify(variables),
    timeMs,
    services.signal,
  );
  if (ended.killed !== undefined) throw invalid(ended.killed);
  return format === 'python' ? pythonOutputs(ended) : shellOutputs(ended);
}

interface Ended {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
  /** Why it was killed. */
  readonly killed?: string;
}

function limits(memoryBytes: number, timeMs: number): string[] {
  return [
    '/usr/bin/prlimit',
    `--as=${memoryBytes}`,
    `--cpu=${Math.ceil(timeMs / 1000) + 1}`,
    `--nproc=${MAX_PROCESSES}`,
    `--fsize=${MAX_FILE_BYTES}`,
    '--core=0',
    '--',
  ];
}

function python(source: string): string[] {
  if (!runsHere('/usr/bin/python3', ['--version']))
    throw invalid('Scripts in python need /usr/bin/python3: install it (package python3-minimal).');
  return ['/usr/bin/python3', '-I', '-S', '-c', PYTHON, source];
}

const PYTHON = `
import sys, os, json, keyword
reply = os.fdopen(os.dup(1), "w")
os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
variables = json.load(sys.stdin)
changed = {}
class BpmnError(Exception):
    def __init__(self, code, message=None):
        super().__init__(code, message)
        self.code, self.message = str(code), message
class Execution:
    def getVariable(self, name):
        return changed[name] if name in changed else variables.get(name)
    def setVariable(self, name, value):
        changed[str(name)] = value
own = {"__name__": "__main__", "variables": variables, "execution": Execution(), "BpmnError": BpmnError}
scope = {name: value for name, value in variables.items() if name.isidentifier() and not keyword.iskeyword(name)}
scope.update(own)
scope.pop("result", None)
try:
    exec(compile(sys.argv[1], "<script>", "exec"), scope)
    text = json.dumps({"result": scope.get("result"), "variables": changed})
    answer = {"outcome": "done", "output": text}
except BpmnError as error:
    answer = {"outcome": "bpmnError", "code": error.code, "message": error.message or ""}
except BaseException as error:
    trace, line = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<script>":
            line = trace.tb_lineno
        trace = trace.tb_next
    line = line or getattr(error, "lineno", None)
    where = "" if line is None else " (line %d)" % line
    answer = {"outcome": "thrown", "message": "%s: %s%s" % (type(error).__name__, error, where)}
json.dump(answer, reply)
reply.close()
`;

function pythonOutputs({ output, status }: Ended): Outputs {
  let reply: Record<string, string>;
  try {
    reply = JSON.parse(output) as Record<string, string>;
  } catch {
    throw invalid(`The script brought its process down (status ${status}): memory or processes exhausted.`);
  }
  if (reply['outcome'] === 'bpmnError') throw new BpmnError(reply['code'] ?? '', reply['message'] ?? '');
  if (reply['outcome'] !== 'done') throw invalid(`The script failed: ${reply['message']}`);
  const done = JSON.parse(reply['output'] ?? '{}') as {
    readonly result: unknown;
    readonly variables: Record<string, unknown>;
  };
  return { local: { result: done.result }, variables: done.variables };
}

function shell(source: string): string[] {
  const wrapper =
    'umask 077; export VARIABLES_FILE=/tmp/variables.json OUTPUT_FILE=/tmp/output.json; cat > "$VARIABLES_FILE"; ' +
    '/bin/sh -c "$1" < /dev/null; code=$?; printf \'\\036\'; cat "$OUTPUT_FILE" 2> /dev/null; exit $code';
  return ['/bin/sh', '-c', wrapper, 'sh', source];
}

/** Text, numbers and booleans whose name can be that of an environment variable. */
function scalars(variables: Variables): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (!plain || !/^[A-Za-z_]\w*$/.test(name) || RESERVED.test(name)) continue;
    const text = String(value);
    if (text.length <= MAX_ARGUMENT && !text.includes('\0')) found[name] = text;
  }
  return found;
}

/** What a variable of the process must not change: how programs are found and loaded. */
const RESERVED = /^(PATH|IFS|ENV|BASH_ENV|HOME|SHELL|LD_.*|VARIABLES_FILE|OUTPUT_FILE|PROCOS_.*)$/;

function shellOutputs({ status, output, errors }: Ended): Outputs {
  const at = output.lastIndexOf(SEPARATOR);
  if (at < 0) throw invalid(`The script brought its process down (status ${status}): memory or processes exhausted.`);
  if (status !== 0) throw invalid(`The script ended with status ${status}: ${errors.trim().slice(-500)}`);
  const printed = output.slice(0, at).trim();
  const written = output.slice(at + 1).trim();
  const variables = written === '' ? {} : parsed(written);
  if (typeof variables !== 'object' || variables === null || Array.isArray(variables))
    throw invalid('What the script wrote to $OUTPUT_FILE is no JSON object.');
  return { local: { result: parsed(printed) }, variables: variables as Record<string, unknown> };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The limit on processes does not hold for root: what root starts runs as nobody. */
function nobody(): { readonly uid?: number; readonly gid?: number } {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
}

function run(command: readonly string[], input: string, timeMs: number, signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn('bwrap', command, {
      ...nobody(),
      env: searchPath(),
      cwd: '/',
      stdio: 'pipe',
      detached: true,
      windowsHide: true,
    });
    let output = '';
    let errors = '';
    let killed: string | undefined;
    const kill = (why: string): void => {
      killed ??= why;
      killSandboxed(child);
    };
    const timer = setTimeout(() => kill('The script ran out of time and was killed.'), timeMs + START_MS);
    const abort = (): void => kill('The task was given up.');
    signal.addEventListener('abort', abort);
    child.stdin.on('error', () => {});
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (output.length > 2 * MAX_OUTPUT) kill('The script’s result is too large.');
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errors = (errors + chunk).slice(-2_000);
    });
    child.on('error', reject);
    child.on('close', (status) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      resolve({ status, output, errors, ...(killed === undefined ? {} : { killed }) });
    });
    child.stdin.end(input);
  });
}

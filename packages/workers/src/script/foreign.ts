/** Scripts in Python and shell: a runtime of the system in a bubblewrap box, with limits, under a kill timer. */
import { BpmnError } from '@procos/client';
import { invalid, type Outputs, type Services } from '../handler.ts';
import { numberSetting, setting } from '../settings.ts';
import { type Ended, type Killed, MAX_ARGUMENT, runBoxed } from './boxed-run.ts';
import { MAX_OUTPUT } from './messages.ts';
import { bwrapWorks, runsHere } from './sandbox.ts';

export type ForeignFormat = 'python' | 'shell';

const FORMATS: Readonly<Record<string, ForeignFormat>> = {
  python: 'python',
  python3: 'python',
  shell: 'shell',
  sh: 'shell',
  bash: 'shell',
};

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
  const ended = await runBoxed({
    command,
    environment,
    input: JSON.stringify(variables),
    timeMs,
    memoryBytes,
    // Result and variables, and what JSON makes of them.
    maxOutput: 2 * MAX_OUTPUT,
    signal: services.signal,
  });
  if (ended.killed !== undefined) throw invalid(KILLED[ended.killed]);
  return format === 'python' ? pythonOutputs(ended) : shellOutputs(ended);
}

const KILLED: Readonly<Record<Killed, string>> = {
  time: 'The script ran out of time and was killed.',
  output: 'The script’s result is too large.',
  aborted: 'The task was given up.',
};

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

/** The settings of a kernel: one table, read from flag, environment and file, in that order of precedence. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type {
  Authentication,
  BundleSettings,
  LargeValueSettings,
  Limits,
  LogFileOptions,
  Retention,
  Undeclared,
} from '@procos/kernel';
import { UserError } from './cli/user-error.ts';
import { LARGE_VALUE_SETTINGS, readLargeValues } from './large-value-settings.ts';
import { LIMIT_SETTINGS, readLimits } from './limit-settings.ts';
import type { Setting } from './setting.ts';
import { WORKER_SETTINGS } from './worker-settings.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const KERNEL_SETTINGS: readonly Setting[] = [
  {
    name: 'port',
    variable: 'PROCOS_PORT',
    fallback: '8080',
    about: 'TCP port of the REST faces and the console; 0 takes a free one.',
    refuse: (text) => (isPort(text) ? undefined : 'a number from 0 to 65535'),
  },
  {
    name: 'grpc-port',
    variable: 'PROCOS_GRPC_PORT',
    fallback: '26500',
    about:
      'TCP port of the gRPC gateway for Zeebe clients; 0 takes a free one, `off` opens none. When nothing is set and 26500 is taken, the log says so and the system starts without.',
    refuse: (text) => (text === 'off' || isPort(text) ? undefined : 'off or a number from 0 to 65535'),
  },
  {
    name: 'host',
    variable: 'PROCOS_HOST',
    fallback: '127.0.0.1',
    about:
      'Address to listen on. Without authentication only loopback addresses (127.0.0.1, ::1, localhost); 0.0.0.0 or :: for all.',
  },
  {
    name: 'authentication',
    variable: 'PROCOS_AUTHENTICATION',
    fallback: 'none',
    about:
      '`required`: everybody proves who he is, and may do what his roles permit (users.md). `none`: whoever reaches the loopback address may do everything.',
    refuse: (text) => (text === 'none' || text === 'required' ? undefined : 'none or required'),
  },
  {
    name: 'data',
    variable: 'PROCOS_DATA',
    fallback: './procos-data',
    about: 'Folder of the store and of all other data, relative to the working directory.',
  },
  {
    name: 'log',
    variable: 'PROCOS_LOG',
    fallback: 'info',
    about: `Least level that is logged: ${LOG_LEVELS.join(', ')}.`,
    refuse: (text) => (LOG_LEVELS.some((level) => level === text) ? undefined : `one of ${LOG_LEVELS.join(', ')}`),
  },
  {
    name: 'log-file',
    variable: 'PROCOS_LOG_FILE',
    about:
      'File that every line of the log is appended to, too, relative to the working directory; unset: none. The process procos_system_rotation renames and packs it in time.',
  },
  {
    name: 'log-file-mb',
    variable: 'PROCOS_LOG_FILE_MB',
    fallback: '10',
    about: 'Size from which on the log file is rotated, MB.',
    refuse: (text) => (/^[1-9]\d{0,5}$/.test(text) ? undefined : 'a whole number from 1'),
  },
  {
    name: 'log-file-days',
    variable: 'PROCOS_LOG_FILE_DAYS',
    fallback: '1',
    about: 'Age from which on the log file is rotated, days.',
    refuse: (text) => (/^[1-9]\d{0,4}$/.test(text) ? undefined : 'a whole number from 1'),
  },
  {
    name: 'log-file-keep',
    variable: 'PROCOS_LOG_FILE_KEEP',
    fallback: '14',
    about: 'Rotated log files that are kept.',
    refuse: (text) => (/^\d{1,5}$/.test(text) ? undefined : 'a whole number from 0'),
  },
  {
    name: 'zone',
    variable: 'PROCOS_ZONE',
    about: 'IANA time zone for calendar arithmetic in timers and expressions; unset: that of the machine.',
    refuse: (text) => (isZone(text) ? undefined : 'an IANA time zone such as Europe/Berlin'),
  },
  {
    name: 'clock',
    variable: 'PROCOS_CLOCK',
    fallback: 'wall',
    about:
      'Whose time holds: `wall` is that of the machine; `pinnable`, for systems on which something is tried out, lets who may operate have time stand still at an instant (`PUT /v2/clock`) and go on again.',
    refuse: (text) => (text === 'wall' || text === 'pinnable' ? undefined : 'wall or pinnable'),
  },
  {
    name: 'delegates',
    variable: 'PROCOS_DELEGATES',
    about:
      'Topics for Java classes, delegate expressions and connectors of Camunda 7 models, comma separated: `com.example.Charge=charge, ${mailBean}=mail, http-connector=http`. What is not listed is refused.',
    refuse: (text) =>
      readDelegates(text) === undefined ? 'a list such as com.example.Charge=charge, ${mailBean}=mail' : undefined,
  },
  {
    name: 'undeclared',
    variable: 'PROCOS_UNDECLARED',
    about:
      'What a process without a `procos:security` block may use: `open` (everything but system calls) or `closed` (nothing); unset: `open` on a loopback address unless NODE_ENV is `production`, else `closed`.',
    refuse: (text) => (text === 'open' || text === 'closed' ? undefined : 'open or closed'),
  },
  {
    name: 'trusted-keys',
    variable: 'PROCOS_TRUSTED_KEYS',
    about:
      'Folder of the public keys (`*.pub`) by which bundles may be signed (bundles.md), relative to the working directory; unset: `trusted-keys` in the data folder.',
  },
  {
    name: 'unknown-bundles',
    variable: 'PROCOS_UNKNOWN_BUNDLES',
    fallback: 'refuse',
    about:
      'A bundle that no trusted key has signed: `refuse`, or `ask` a person by a user task, where people prove who they are a second one.',
    refuse: (text) => (text === 'refuse' || text === 'ask' ? undefined : 'refuse or ask'),
  },
  days(
    'history-days',
    'Days that the history of an ended process instance is kept when its definition sets no historyTimeToLive; unset: for good.',
  ),
  days('log-days', 'Days that a record stays in the log; unset: for good.'),
  ...LIMIT_SETTINGS,
  ...LARGE_VALUE_SETTINGS,
];

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
}

function days(name: string, about: string): Setting {
  const variable = `PROCOS_${name.toUpperCase().replaceAll('-', '_')}`;
  const refuse = (text: string) => (/^\d{1,6}$/.test(text) ? undefined : 'a whole number of days from 0');
  return { name, variable, about, refuse };
}

export const SETTINGS: readonly Setting[] = [...KERNEL_SETTINGS, ...WORKER_SETTINGS];

const LOOPBACK_ONLY = 'a loopback address (127.0.0.1, ::1, localhost), or start with --authentication required';

export interface Settings {
  readonly port: number;
  /** undefined: no gateway. */
  readonly grpc: GrpcSettings | undefined;
  readonly host: string;
  readonly authentication: Authentication;
  /** Absolute path. */
  readonly data: string;
  readonly log: LogLevel;
  /** undefined: no file. */
  readonly logFile: LogFileOptions | undefined;
  readonly zone: string | undefined;
  /** Operators may have time stand still. */
  readonly pinnableClock: boolean;
  /** Topics by Java class or delegate expression. */
  readonly delegates: Readonly<Record<string, string>>;
  readonly bundles: BundleSettings;
  readonly limits: Limits;
  readonly retention: Retention;
  readonly largeValues: LargeValueSettings;
  /** What a process without a `procos:security` block may use. */
  readonly undeclared: Undeclared;
  /** What was set for the workers, by environment variable. */
  readonly workers: Readonly<Record<string, string>>;
  /** Lines to show once: what was given and is not used. */
  readonly warnings: readonly string[];
}

export interface GrpcSettings {
  readonly port: number;
  /** Somebody has asked for this very port: the system does not start without it. */
  readonly required: boolean;
}

export interface SettingSources {
  /** By setting name; absent where the flag was not given. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Given with --config: must exist. Absent: `procos.json` in the working directory, where there is one. */
  readonly configFile?: string | undefined;
  readonly workingDirectory: string;
}

/** Throws `UserError` that names the source of the first value that is wrong. */
export function readSettings(sources: SettingSources): Settings {
  const file = readFile(sources);
  const given = new Map<string, Given>();
  for (const setting of SETTINGS) {
    const found = pick(setting, sources, file);
    if (found === undefined) continue;
    const expected = found.text === '' ? 'more than nothing' : setting.refuse?.(found.text);
    if (expected !== undefined) {
      throw new UserError('SETTING', `${found.from} is ${JSON.stringify(found.text)}; it must be ${expected}.`);
    }
    given.set(setting.variable, found);
  }
  refuseOpenDoor(given);
  const text = (variable: string): string =>
    given.get(variable)?.text ?? SETTINGS.find((setting) => setting.variable === variable)?.fallback ?? '';
  return {
    port: Number(text('PROCOS_PORT')),
    grpc: grpcOf(text('PROCOS_GRPC_PORT'), given.has('PROCOS_GRPC_PORT')),
    host: text('PROCOS_HOST'),
    authentication: text('PROCOS_AUTHENTICATION') === 'required' ? 'required' : 'none',
    data: resolve(sources.workingDirectory, text('PROCOS_DATA')),
    log: LOG_LEVELS.find((level) => level === text('PROCOS_LOG')) ?? 'info',
    logFile: logFileOf(text, sources.workingDirectory),
    zone: text('PROCOS_ZONE') || undefined,
    pinnableClock: text('PROCOS_CLOCK') === 'pinnable',
    delegates: readDelegates(text('PROCOS_DELEGATES')) ?? {},
    bundles: bundlesOf(text, sources.workingDirectory),
    limits: readLimits(text),
    retention: { historyDays: daysOf(text('PROCOS_HISTORY_DAYS')), logDays: daysOf(text('PROCOS_LOG_DAYS')) },
    largeValues: readLargeValues(text),
    undeclared: undeclaredOf(text('PROCOS_UNDECLARED'), text('PROCOS_HOST'), sources.environment['NODE_ENV']),
    workers: workerValues(given),
    warnings: unknownVariables(sources.environment),
  };
}

function grpcOf(port: string, required: boolean): GrpcSettings | undefined {
  return port === 'off' ? undefined : { port: Number(port), required };
}

function undeclaredOf(text: string, host: string, environment: string | undefined): Undeclared {
  if (text === 'open' || text === 'closed') return text;
  return isLoopback(host) && environment !== 'production' ? 'open' : 'closed';
}

/** Beyond loopback nobody is let in who has not proved who he is. */
function refuseOpenDoor(given: ReadonlyMap<string, Given>): void {
  const host = given.get('PROCOS_HOST');
  if (host === undefined || isLoopback(host.text) || given.get('PROCOS_AUTHENTICATION')?.text === 'required') return;
  throw new UserError('SETTING', `${host.from} is ${JSON.stringify(host.text)}; it must be ${LOOPBACK_ONLY}.`);
}

function bundlesOf(text: (variable: string) => string, workingDirectory: string): BundleSettings {
  const folder = text('PROCOS_TRUSTED_KEYS');
  return {
    trustedKeys:
      folder === ''
        ? join(resolve(workingDirectory, text('PROCOS_DATA')), 'trusted-keys')
        : resolve(workingDirectory, folder),
    unknown: text('PROCOS_UNKNOWN_BUNDLES') === 'ask' ? 'ask' : 'refuse',
  };
}

const DAY_MS = 86_400_000;

function logFileOf(text: (variable: string) => string, workingDirectory: string): LogFileOptions | undefined {
  const path = text('PROCOS_LOG_FILE');
  if (path === '') return undefined;
  return {
    path: resolve(workingDirectory, path),
    maxBytes: Number(text('PROCOS_LOG_FILE_MB')) * 1024 * 1024,
    maxAgeMs: Number(text('PROCOS_LOG_FILE_DAYS')) * DAY_MS,
    keep: Number(text('PROCOS_LOG_FILE_KEEP')),
  };
}

function daysOf(text: string): number | null {
  return text === '' ? null : Number(text);
}

interface Given {
  readonly text: string;
  readonly from: string;
}

function pick(setting: Setting, sources: SettingSources, file: ConfigFile): Given | undefined {
  const flag = sources.flags[setting.name];
  if (flag !== undefined) return { text: flag, from: `--${setting.name}` };
  const exported = sources.environment[setting.variable];
  if (exported !== undefined && exported !== '') {
    return { text: exported, from: `${setting.variable} in the environment` };
  }
  const written = file.values[setting.name];
  return written === undefined ? undefined : { text: written, from: `"${setting.name}" in ${file.path}` };
}

interface ConfigFile {
  readonly path: string;
  readonly values: Readonly<Record<string, string>>;
}

function readFile(sources: SettingSources): ConfigFile {
  const path = resolve(sources.workingDirectory, sources.configFile ?? 'procos.json');
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing && sources.configFile === undefined) return { path, values: {} };
    const why = missing ? 'there is no such file' : error instanceof Error ? error.message : String(error);
    throw new UserError('SETTING', `The settings file ${path} cannot be read: ${why}.`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new UserError('SETTING', `The settings file ${path} must hold one JSON object, e.g. {"port": 9090}.`);
  }
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(parsed)) {
    if (!SETTINGS.some((setting) => setting.name === name)) {
      const known = SETTINGS.map((setting) => setting.name).join(', ');
      throw new UserError('SETTING', `"${name}" in ${path} is not a setting. There are: ${known}.`);
    }
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      throw new UserError('SETTING', `"${name}" in ${path} must be text, a number, true or false.`);
    }
    values[name] = String(value);
  }
  return { path, values };
}

function workerValues(given: ReadonlyMap<string, Given>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { variable } of WORKER_SETTINGS) {
    const found = given.get(variable);
    if (found !== undefined) values[variable] = found.text;
  }
  return values;
}

/** Warned of and not refused: others write there too, e.g. Kubernetes for a service of the name `procos`. */
function unknownVariables(environment: SettingSources['environment']): string[] {
  const known = new Set([
    ...SETTINGS.map(({ variable }) => variable),
    'PROCOS_URL',
    'PROCOS_TOKEN',
    'PROCOS_REQUIRE_ALL',
  ]);
  return Object.keys(environment)
    .filter((name) => name.startsWith('PROCOS_') && !known.has(name))
    .map((name) => `${name} in the environment is not a setting and is not used (see docs/settings.md).`);
}

/** Undefined when an entry is not `name=topic`. */
export function readDelegates(text: string): Readonly<Record<string, string>> | undefined {
  const delegates: Record<string, string> = Object.create(null);
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [, name, topic] = /^(\$\{.+\}|[^=]+?)\s*=\s*(\S+)$/.exec(entry) ?? [];
    if (name === undefined || topic === undefined) return undefined;
    delegates[name.trim()] = topic;
  }
  return delegates;
}

/** Also what `localhost` stands for. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

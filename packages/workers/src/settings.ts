/** Settings of the built-in workers: one table with name, default and meaning, and the reader. */
import { readFileSync } from 'node:fs';
import { readPrices } from './ai/prices.ts';

export interface SettingRow {
  readonly name: string;
  readonly fallback: string;
  readonly meaning: string;
  /** Never logged; removed from every message that leaves the host. */
  readonly secret?: true;
}

/** Read from the environment first, then from the JSON file that `PROCOS_WORKER_SETTINGS` names, else the fallback. */
export const WORKER_SETTINGS: readonly SettingRow[] = [
  { name: 'PROCOS_URL', fallback: 'http://127.0.0.1:8080', meaning: 'Address of the server that the workers serve.' },
  { name: 'PROCOS_TOKEN', fallback: '', meaning: 'Sent as bearer token to the server.', secret: true },
  {
    name: 'PROCOS_WORKER_ID',
    fallback: '',
    meaning:
      'Lock name of this host. Give one only when no other host uses it: its abandoned tasks are then taken up at once after a crash.',
  },
  { name: 'PROCOS_WORKER_CONCURRENCY', fallback: '16', meaning: 'Tasks that run at the same time.' },
  { name: 'PROCOS_WORKER_DRAIN_SECONDS', fallback: '20', meaning: 'How long running tasks may go on after "drain".' },
  { name: 'PROCOS_WORKER_SETTINGS', fallback: '', meaning: 'JSON file with an object of these settings.' },
  {
    name: 'PROCOS_DATA',
    fallback: './procos-data',
    meaning: 'Data folder; only for the default of PROCOS_FILES_ROOT.',
  },
  {
    name: 'PROCOS_FILES_ROOT',
    fallback: '<PROCOS_DATA>/files',
    meaning: 'The only folder that file_operation can reach.',
  },
  {
    name: 'PROCOS_HTTP_ALLOW',
    fallback: '',
    meaning:
      'Further targets of http_request, comma separated: `host`, `host:port`, `*.example.com`, an address or a CIDR range. Loopback, private, link-local and reserved addresses are refused unless listed.',
  },
  {
    name: 'PROCOS_HTTP_PUBLIC',
    fallback: 'true',
    meaning: '`false`: http_request reaches only what PROCOS_HTTP_ALLOW lists.',
  },
  { name: 'PROCOS_SMTP_HOST', fallback: '', meaning: 'Mail server of email_send; without it mail is refused.' },
  { name: 'PROCOS_SMTP_PORT', fallback: '587', meaning: 'Its port.' },
  { name: 'PROCOS_SMTP_USER', fallback: '', meaning: 'User name; empty: no login.' },
  { name: 'PROCOS_SMTP_PASSWORD', fallback: '', meaning: 'Password.', secret: true },
  { name: 'PROCOS_SMTP_FROM', fallback: '', meaning: 'Sender when the task gives no from_email.' },
  {
    name: 'PROCOS_SMTP_SECURE',
    fallback: 'starttls',
    meaning:
      '`tls`: TLS from the start; `starttls`: required upgrade; `none`: plain text (loopback or a trusted net only).',
  },
  { name: 'OPENAI_API_KEY', fallback: '', meaning: 'Key of OpenAI or a compatible server.', secret: true },
  { name: 'OPENAI_BASE_URL', fallback: '', meaning: 'Address of an OpenAI-compatible server; empty: api.openai.com.' },
  { name: 'OLLAMA_URL', fallback: 'http://127.0.0.1:11434', meaning: 'Address of Ollama.' },
  { name: 'PROCOS_AI_MODEL_OPENAI', fallback: 'gpt-4o-mini', meaning: 'Model when the task names none (OpenAI).' },
  {
    name: 'PROCOS_AI_MODEL_OLLAMA',
    fallback: '',
    meaning: 'Model when the task names none (Ollama); empty: the first one installed.',
  },
  {
    name: 'PROCOS_AI_PRICES',
    fallback: '',
    meaning:
      'Prices of a million tokens, in and out, in a currency of your choice, comma separated: `openai/gpt-4o-mini=0.15/0.60, openai/*=5/15`; Ollama costs nothing unless it is listed. Limits of costs need them.',
  },
  { name: 'PROCOS_AI_TIMEOUT_SECONDS', fallback: '120', meaning: 'How long an AI answer may take.' },
  {
    name: 'PROCOS_SANDBOX',
    fallback: 'auto',
    meaning:
      'Wall around script processes: `bwrap` (refuse to run without it), `auto` (bwrap where it works, else a warning), `none`.',
  },
  { name: 'PROCOS_SCRIPT_SECONDS', fallback: '5', meaning: 'How long a script may run.' },
  { name: 'PROCOS_SCRIPT_MEMORY_MB', fallback: '64', meaning: 'Memory of a script, MB.' },
  {
    name: 'PROCOS_PROGRAMS',
    fallback: '',
    meaning:
      'JSON file with the programs of the operating system that program_run may run (workers.md), relative to the working directory; empty: none.',
  },
];

export type Settings = Readonly<Record<string, string>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Throws an `Error` that names the setting when a value makes no sense. */
export function readSettings(env: Environment): Settings {
  const file = env['PROCOS_WORKER_SETTINGS'] ? readFile(env['PROCOS_WORKER_SETTINGS']) : {};
  const settings: Record<string, string> = {};
  for (const { name, fallback } of WORKER_SETTINGS) settings[name] = env[name] || file[name] || fallback;
  if (settings['PROCOS_FILES_ROOT'] === '<PROCOS_DATA>/files') {
    settings['PROCOS_FILES_ROOT'] = `${settings['PROCOS_DATA']}/files`;
  }
  for (const [name, text] of Object.entries(settings)) {
    const expected = expectedOf(name, text);
    if (expected !== undefined) throw new Error(`${name} is '${text}'; it must be ${expected}.`);
  }
  return settings;
}

/** What the setting must be, when this text makes no sense for it; undefined when it does. */
export function expectedOf(name: string, text: string): string | undefined {
  const range = NUMBERS[name];
  if (range !== undefined && !(text.trim() !== '' && Number(text) >= range.min && Number(text) <= range.max)) {
    return `a number from ${range.min} to ${range.max}`;
  }
  if (name === 'PROCOS_AI_PRICES' && readPrices(text) === undefined)
    return 'a list of prices such as `openai/gpt-4o-mini=0.15/0.60, openai/*=5/15`';
  const choices = CHOICES[name];
  return choices === undefined || choices.includes(text) ? undefined : `one of ${choices.join(', ')}`;
}

const NUMBERS: Readonly<Record<string, { readonly min: number; readonly max: number }>> = {
  PROCOS_WORKER_CONCURRENCY: { min: 1, max: 1000 },
  PROCOS_WORKER_DRAIN_SECONDS: { min: 0, max: 3600 },
  PROCOS_SMTP_PORT: { min: 1, max: 65_535 },
  PROCOS_AI_TIMEOUT_SECONDS: { min: 1, max: 3600 },
  PROCOS_SCRIPT_SECONDS: { min: 0.1, max: 300 },
  PROCOS_SCRIPT_MEMORY_MB: { min: 1, max: 1024 },
};
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  PROCOS_HTTP_PUBLIC: ['true', 'false'],
  PROCOS_SMTP_SECURE: ['tls', 'starttls', 'none'],
  PROCOS_SANDBOX: ['auto', 'bwrap', 'none'],
};

export function setting(settings: Settings, name: string): string {
  const value = settings[name];
  if (value === undefined) throw new Error(`There is no setting ${name}.`);
  return value;
}

export function numberSetting(settings: Settings, name: string): number {
  return Number(setting(settings, name));
}

/** Replaces every secret in a text that leaves the host, as it is and in URL form. */
export function redact(settings: Settings, text: string): string {
  let clean = text;
  for (const { name, secret } of WORKER_SETTINGS) {
    const value = settings[name] ?? '';
    if (!secret || value.length < 4) continue;
    const forms = [value, encodeURIComponent(value), Buffer.from(value).toString('base64')];
    for (const form of forms) clean = clean.replaceAll(form, `[${name}]`);
  }
  return clean;
}

function readFile(path: string): Record<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`PROCOS_WORKER_SETTINGS: ${path} cannot be read as JSON (${(error as Error).message}).`);
  }
  if (typeof parsed !== 'object' || parsed === null)
    throw new Error(`PROCOS_WORKER_SETTINGS: ${path} must hold an object.`);
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]));
}

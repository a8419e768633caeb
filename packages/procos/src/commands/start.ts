/** `procos start`: runs the kernel in the foreground until it is shut down. */
import type { LogLine } from '@procos/protocol';
import { type Command, Option } from 'commander';
import { plainCommand } from '../cli/command.ts';
import type { Shell } from '../cli/shell.ts';
import { paint } from '../cli/text.ts';
import { readSettings, SETTINGS } from '../settings.ts';
import { VERSION } from '../version.ts';
import { kernelLine } from './logs.ts';

export function startCommand(shell: Shell): Command {
  const command = plainCommand('start', 'start the system here and run it until Ctrl-C or procos shutdown', [
    'procos start',
    'procos start --port 9090 --data /var/lib/procos',
    'PROCOS_LOG=debug procos start --json',
    'procos start --safe',
  ])
    .option('--safe', 'go by the shipped versions of the processes of the system, whatever an operator has deployed')
    .option('--config <file>', 'JSON file of settings (default: procos.json here, where there is one)')
    .addHelpText(
      'after',
      '\nLog lines are for people on a terminal, else (and with --json) JSON. Every setting is also an environment variable\nand a key of the file: docs/settings.md.',
    );
  const flags = SETTINGS.filter((setting) => setting.secret !== true).map((setting) => {
    const fallback = setting.fallback === undefined ? '' : ` (default: ${setting.fallback})`;
    const option = new Option(`--${setting.name} <value>`, `${setting.about}${fallback}`);
    command.addOption(option);
    return { name: setting.name, attribute: option.attributeName() };
  });
  return command.action(async (options: Readonly<Record<string, string | boolean | undefined>>) => {
    const given = flags.map(({ name, attribute }) => [name, options[attribute]] as const);
    const settings = readSettings({
      flags: Object.fromEntries(given.map(([name, value]) => [name, typeof value === 'string' ? value : undefined])),
      environment: shell.environment,
      configFile: typeof options['config'] === 'string' ? options['config'] : undefined,
      workingDirectory: shell.workingDirectory,
    });
    for (const warning of settings.warnings) shell.note(`procos: ${warning}`);
    const readable = shell.terminal && options['json'] !== true;
    const tell = readable ? shell.print : shell.note;
    // A terminal that is closed asks for the end by SIGHUP, or does not: neither is an error of what is written to it.
    shell.outlive();
    // Loaded here: the other commands need neither engine nor store.
    const { start } = await import('../start.ts');
    shell.exitCode = await start({
      settings,
      safe: options['safe'] === true,
      onListening: (url, setupToken) => {
        tell(
          `ProcOS ${VERSION}: console at ${paint(shell, 'bold', `${url}/`)}, data in ${settings.data}. Ctrl-C shuts it down.`,
        );
        if (setupToken === undefined) return;
        // To the person at the terminal, and never into the log.
        shell.note(`There is no administrator yet. Make the first one, by which this token becomes worthless:`);
        shell.note(`  PROCOS_TOKEN=${setupToken} procos user add NAME --admin --url ${url}`);
      },
      ...(readable ? { logStream: { write: (line: string) => shell.print(kernelLine(shell, logLine(line))) } } : {}),
    });
  });
}

function logLine(json: string): LogLine {
  const { ts, level, source, event, text, ...fields } = JSON.parse(json) as Record<string, string>;
  return {
    at: ts ?? '',
    level: level as LogLine['level'],
    source: source ?? '',
    event: event ?? '',
    text: text ?? '',
    fields,
  };
}

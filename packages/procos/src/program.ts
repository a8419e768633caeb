/** The command line: all commands, and how their failures become exit codes. */
import { Command, CommanderError } from 'commander';
import { report, type Shell } from './cli/shell.ts';
import { EXIT } from './cli/user-error.ts';
import { VERSION } from './version.ts';

/** In the order of the help. Loaded by name: most that run are short, and need next to nothing of what the others stand on. */
const COMMANDS: Readonly<Record<string, (shell: Shell) => Promise<Command>>> = {
  start: async (shell) => (await import('./commands/start.ts')).startCommand(shell),
  run: async (shell) => (await import('./commands/run.ts')).runCommand(shell),
  deploy: async (shell) => (await import('./commands/deploy.ts')).deployCommand(shell),
  rollback: async (shell) => (await import('./commands/rollback.ts')).rollbackCommand(shell),
  check: async (shell) => (await import('./commands/check.ts')).checkCommand(shell),
  pack: async (shell) => (await import('./commands/pack.ts')).packCommand(shell),
  install: async (shell) => (await import('./commands/install.ts')).installCommand(shell),
  key: async (shell) => (await import('./commands/key.ts')).keyCommand(shell),
  ps: async (shell) => (await import('./commands/ps.ts')).psCommand(shell),
  top: async (shell) => (await import('./commands/top.ts')).topCommand(shell),
  inspect: async (shell) => (await import('./commands/inspect.ts')).inspectCommand(shell),
  cat: async (shell) => (await import('./commands/cat.ts')).catCommand(shell),
  lsof: async (shell) => (await import('./commands/lsof.ts')).lsofCommand(shell),
  strace: async (shell) => (await import('./commands/strace.ts')).straceCommand(shell),
  logs: async (shell) => (await import('./commands/logs.ts')).logsCommand(shell),
  dmesg: async (shell) => (await import('./commands/system-views.ts')).dmesgCommand(shell),
  kill: async (shell) => (await import('./commands/kill.ts')).killCommand(shell),
  stop: async (shell) => (await import('./commands/kill.ts')).stopCommand(shell),
  cont: async (shell) => (await import('./commands/kill.ts')).contCommand(shell),
  incidents: async (shell) => (await import('./commands/incidents.ts')).incidentsCommand(shell),
  recovery: async (shell) => (await import('./commands/incidents.ts')).recoveryCommand(shell),
  retry: async (shell) => (await import('./commands/retry.ts')).retryCommand(shell),
  set: async (shell) => (await import('./commands/set.ts')).setCommand(shell),
  limit: async (shell) => (await import('./commands/limit.ts')).limitCommand(shell),
  policy: async (shell) => (await import('./commands/policy.ts')).policyCommand(shell),
  nice: async (shell) => (await import('./commands/limit.ts')).niceCommand(shell),
  move: async (shell) => (await import('./commands/move.ts')).moveCommand(shell),
  migrate: async (shell) => (await import('./commands/kill.ts')).migrateCommand(shell),
  batch: async (shell) => (await import('./commands/batch.ts')).batchCommand(shell),
  tasks: async (shell) => (await import('./commands/tasks.ts')).tasksCommand(shell),
  complete: async (shell) => (await import('./commands/complete.ts')).completeCommand(shell),
  activate: async (shell) => (await import('./commands/activate.ts')).activateCommand(shell),
  conditions: async (shell) => (await import('./commands/conditions.ts')).conditionsCommand(shell),
  publish: async (shell) => (await import('./commands/publish.ts')).publishCommand(shell),
  shutdown: async (shell) => (await import('./commands/shutdown.ts')).shutdownCommand(shell),
  status: async (shell) => (await import('./commands/status.ts')).statusCommand(shell),
  uptime: async (shell) => (await import('./commands/system-views.ts')).uptimeCommand(shell),
  df: async (shell) => (await import('./commands/system-views.ts')).dfCommand(shell),
  workers: async (shell) => (await import('./commands/system-views.ts')).workersCommand(shell),
  topic: async (shell) => (await import('./commands/topic.ts')).topicCommand(shell),
  services: async (shell) => (await import('./commands/services.ts')).servicesCommand(shell),
  register: async (shell) => (await import('./commands/register.ts')).registerCommand(shell),
  mount: async (shell) => (await import('./commands/services.ts')).mountCommand(shell),
  cron: async (shell) => (await import('./commands/cron.ts')).cronCommand(shell),
  backup: async (shell) => (await import('./commands/backup.ts')).backupCommand(shell),
  restore: async (shell) => (await import('./commands/restore.ts')).restoreCommand(shell),
  verify: async (shell) => (await import('./commands/verify.ts')).verifyCommand(shell),
  snapshot: async (shell) => (await import('./commands/snapshot.ts')).snapshotCommand(shell),
  login: async (shell) => (await import('./commands/login.ts')).loginCommand(shell),
  logout: async (shell) => (await import('./commands/login.ts')).logoutCommand(shell),
  who: async (shell) => (await import('./commands/login.ts')).whoCommand(shell),
  user: async (shell) => (await import('./commands/user.ts')).userCommand(shell),
  group: async (shell) => (await import('./commands/groups.ts')).groupsCommand(shell),
  role: async (shell) => (await import('./commands/groups.ts')).roleCommand(shell),
  token: async (shell) => (await import('./commands/token.ts')).tokenCommand(shell),
  rule: async (shell) => (await import('./commands/groups.ts')).ruleCommand(shell),
  completion: async (shell) => (await import('./commands/completion.ts')).completionCommand(shell),
};

/** With all commands, or with one. `asJson`: what is wrong with a line is told as an object. */
export async function createProgram(shell: Shell, only?: string, asJson = false): Promise<Command> {
  const program = new Command('procos')
    .description('ProcOS: an operating system whose kernel language is BPMN')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show how it is used')
    .addHelpText(
      'after',
      '\nprocos start starts the system; most other commands speak to one that runs; restore and verify work on files.\nprocos help COMMAND shows examples.',
    );
  for (const [name, load] of Object.entries(COMMANDS))
    if (only === undefined || only === name) program.addCommand(await load(shell));
  const told = (text: string): string =>
    asJson
      ? JSON.stringify({ code: 'USAGE', message: text.replace(/^error: /, '').trim() })
      : text.replace(/^error: /, 'procos: ');
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => shell.print(text.trimEnd()),
      writeErr: (text) => shell.note(text.trimEnd()),
      getOutHasColors: () => shell.colour,
      outputError: (text, write) => write(told(text)),
    });
  }
  return program;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** The one command that a line needs; undefined: all of them, e.g. for help, or to say which is near to a wrong word. */
function needed([word = '']: readonly string[]): string | undefined {
  return word !== 'completion' && Object.hasOwn(COMMANDS, word) ? word : undefined;
}

/** Runs one command line (without the two words before it); returns the exit code. */
export async function runProgram(shell: Shell, args: readonly string[]): Promise<number> {
  const asJson = args.includes('--json');
  try {
    const program = await createProgram(shell, needed(args), asJson);
    await program.parseAsync(args, { from: 'user' });
    return shell.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return report(shell, error, asJson);
  }
}

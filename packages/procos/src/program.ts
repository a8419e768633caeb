/** The command line: all commands, and how their failures become exit codes. */
import { Command, CommanderError } from 'commander';
import { report, type Shell } from './cli/shell.ts';
import { EXIT } from './cli/user-error.ts';
import { activateCommand } from './commands/activate.ts';
import { backupCommand } from './commands/backup.ts';
import { batchCommand } from './commands/batch.ts';
import { catCommand } from './commands/cat.ts';
import { checkCommand } from './commands/check.ts';
import { completeCommand } from './commands/complete.ts';
import { completionCommand } from './commands/completion.ts';
import { conditionsCommand } from './commands/conditions.ts';
import { cronCommand } from './commands/cron.ts';
import { deployCommand } from './commands/deploy.ts';
import { groupsCommand, roleCommand, ruleCommand } from './commands/groups.ts';
import { incidentsCommand, recoveryCommand } from './commands/incidents.ts';
import { inspectCommand } from './commands/inspect.ts';
import { installCommand } from './commands/install.ts';
import { keyCommand } from './commands/key.ts';
import { contCommand, killCommand, migrateCommand, stopCommand } from './commands/kill.ts';
import { limitCommand, niceCommand } from './commands/limit.ts';
import { loginCommand, logoutCommand, whoCommand } from './commands/login.ts';
import { logsCommand } from './commands/logs.ts';
import { lsofCommand } from './commands/lsof.ts';
import { moveCommand } from './commands/move.ts';
import { packCommand } from './commands/pack.ts';
import { policyCommand } from './commands/policy.ts';
import { psCommand } from './commands/ps.ts';
import { publishCommand } from './commands/publish.ts';
import { registerCommand } from './commands/register.ts';
import { restoreCommand } from './commands/restore.ts';
import { retryCommand } from './commands/retry.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { runCommand } from './commands/run.ts';
import { mountCommand, servicesCommand } from './commands/services.ts';
import { setCommand } from './commands/set.ts';
import { shutdownCommand } from './commands/shutdown.ts';
import { snapshotCommand } from './commands/snapshot.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { straceCommand } from './commands/strace.ts';
import { dfCommand, dmesgCommand, uptimeCommand, workersCommand } from './commands/system-views.ts';
import { tasksCommand } from './commands/tasks.ts';
import { tokenCommand } from './commands/token.ts';
import { topCommand } from './commands/top.ts';
import { topicCommand } from './commands/topic.ts';
import { userCommand } from './commands/user.ts';
import { verifyCommand } from './commands/verify.ts';
import { VERSION } from './version.ts';

const COMMANDS = [
  startCommand,
  runCommand,
  deployCommand,
  rollbackCommand,
  checkCommand,
  packCommand,
  installCommand,
  keyCommand,
  psCommand,
  topCommand,
  inspectCommand,
  catCommand,
  lsofCommand,
  straceCommand,
  logsCommand,
  dmesgCommand,
  killCommand,
  stopCommand,
  contCommand,
  incidentsCommand,
  recoveryCommand,
  retryCommand,
  setCommand,
  limitCommand,
  policyCommand,
  niceCommand,
  moveCommand,
  migrateCommand,
  batchCommand,
  tasksCommand,
  completeCommand,
  activateCommand,
  conditionsCommand,
  publishCommand,
  shutdownCommand,
  statusCommand,
  uptimeCommand,
  dfCommand,
  workersCommand,
  topicCommand,
  servicesCommand,
  registerCommand,
  mountCommand,
  cronCommand,
  backupCommand,
  restoreCommand,
  verifyCommand,
  snapshotCommand,
  loginCommand,
  logoutCommand,
  whoCommand,
  userCommand,
  groupsCommand,
  roleCommand,
  tokenCommand,
  ruleCommand,
  completionCommand,
];

export function createProgram(shell: Shell): Command {
  const program = new Command('procos')
    .description('ProcOS: an operating system whose kernel language is BPMN')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show how it is used')
    .addHelpText(
      'after',
      '\nprocos start starts the system; most other commands speak to one that runs; restore and verify work on files.\nprocos help COMMAND shows examples.',
    );
  for (const create of COMMANDS) program.addCommand(create(shell));
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => shell.print(text.trimEnd()),
      writeErr: (text) => shell.note(text.trimEnd()),
      getOutHasColors: () => shell.colour,
      outputError: (text, write) => write(text.replace(/^error: /, 'procos: ')),
    });
  }
  return program;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** Runs one command line (without the two words before it); returns the exit code. */
export async function runProgram(shell: Shell, args: readonly string[]): Promise<number> {
  try {
    await createProgram(shell).parseAsync(args, { from: 'user' });
    return shell.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return report(shell, error, args.includes('--json'));
  }
}

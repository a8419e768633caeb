/** `procos completion SHELL`: what makes the shell complete commands, options and process ids. */
import { Argument, type Command } from 'commander';
import { type CommonOptions, plainCommand, printJson } from '../cli/command.ts';
import { completionScript, SHELLS } from '../cli/completion.ts';
import type { Shell } from '../cli/shell.ts';

export function completionCommand(shell: Shell): Command {
  return plainCommand('completion', 'print a script by which a shell completes commands, options and process ids', [
    'procos completion bash',
    'eval "$(procos completion bash)"',
    'procos completion fish | source',
  ])
    .addArgument(new Argument('<shell>', 'for which shell').choices(SHELLS))
    .action((name: (typeof SHELLS)[number], options: CommonOptions, command: Command) => {
      const script = completionScript(command.parent ?? command, name);
      if (options.json) return printJson(shell, { shell: name, script });
      shell.print(script);
    });
}

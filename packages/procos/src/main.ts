/** Entry of the command line on Node 24: runs one command, or the kernel. */
import { processShell } from './cli/shell.ts';
import { runProgram } from './program.ts';

process.exitCode = await runProgram(processShell(), process.argv.slice(2));

/**
 * The program of a script process: reads jobs from stdin, a line each, runs them one after the other in QuickJS, and writes a line
 * for each to stdout. Its one argument is the memory of a script, in bytes.
 *
 * It runs with an empty environment and under Node's permission model, where applicable in a bubblewrap box; the parent kills it
 * from outside when a script takes too long. It reads and writes synchronously: nothing else happens in it. The script gets no
 * host function at all: what it reads and sets lives inside the interpreter. After a script that went to a limit it ends.
 */
import { readSync, writeSync } from 'node:fs';
import { Interpreter } from './interpreter.ts';
import type { ScriptJob, ScriptLine, ScriptReply } from './messages.ts';

const STDIN = 0;
const STDOUT = 1;
const LINE_END = 10;
const WARM_UP_MS = 5_000;
/** Enough for most scripts; where one has taken more, the next ones get more at once. */
const FIRST_ROOM = 256 * 1024;
const MOST_ROOM = 4 * 1024 * 1024;

async function main(memoryBytes: number): Promise<void> {
  let room = FIRST_ROOM;
  let interpreter = await Interpreter.create(memoryBytes, room);
  // The first script takes longer than others: that is not to count against somebody's time.
  interpreter.run({ source: '0', variables: '{}', timeMs: WARM_UP_MS });
  interpreter.reset();
  write({});
  for (let line = readLine(); line !== undefined; line = readLine()) {
    const reply = interpreter.run(JSON.parse(line) as ScriptJob);
    if (isDoubtful(reply)) {
      // Ends without clean-up: freeing a runtime after a stack overflow aborts the whole module.
      write({ reply, last: true });
      return;
    }
    write({ reply });
    if (interpreter.usable) interpreter.reset();
    else {
      room = Math.min(room * 4, MOST_ROOM);
      interpreter = await Interpreter.create(memoryBytes, room);
    }
  }
}

function isDoubtful(reply: ScriptReply): boolean {
  return reply.outcome === 'limit' || (reply.outcome === 'thrown' && reply.message.startsWith('InternalError'));
}

function write(line: ScriptLine): void {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  for (let written = 0; written < bytes.length; ) written += writeSync(STDOUT, bytes, written);
}

const chunk = Buffer.alloc(64 * 1024);
/** What has been read of the next line. */
let begun: Buffer[] = [];

/** Undefined: the parent has closed the line, or is gone. The parent sends the next job only after the reply to the last one. */
function readLine(): string | undefined {
  for (;;) {
    const length = read();
    if (length === 0) return undefined;
    begun.push(Buffer.from(chunk.subarray(0, length)));
    if (chunk[length - 1] === LINE_END) {
      const line = Buffer.concat(begun).toString();
      begun = [];
      return line;
    }
  }
}

/** Bytes that were read; 0: the end. */
function read(): number {
  try {
    return readSync(STDIN, chunk);
  } catch (error) {
    // How Windows tells the end of a pipe.
    if ((error as NodeJS.ErrnoException).code === 'EOF') return 0;
    throw error;
  }
}

await main(Number(process.argv[2]));

/** Secrets are typed or piped in, and never words of a command line, which every user of a machine can read. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { UserError } from './user-error.ts';

/** Without echo on a terminal; else the next line of standard input. Throws `UserError` at its end. */
export async function askSecret(question: string): Promise<string> {
  const terminal = process.stdin.isTTY === true;
  if (terminal) process.stderr.write(`${question}: `);
  // What is typed is edited by readline, and shown nowhere.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output, terminal });
  try {
    for await (const line of reader) return line;
  } finally {
    reader.close();
    if (terminal) process.stderr.write('\n');
  }
  throw new UserError('USAGE', `${question}: nothing came on standard input.`);
}

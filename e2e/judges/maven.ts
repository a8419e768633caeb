/** Judges in Java: `install.sh` had Maven fetch their libraries, and Java runs their one source file from what is there. */
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { installed, Program, skipWithout, sourceOf } from './foreign.ts';

export function skipWithoutJava(project: string): string | false {
  return skipWithout(`${project}.classpath`);
}

/** `src/main/java/MAIN.java` of the project, compiled in memory by the launcher of the JDK. */
export function javaProgram(t: TestContext, project: string, main: string, args: readonly string[]): Program {
  const classPath = readFileSync(installed(`${project}.classpath`), 'utf8').trim();
  const source = sourceOf(`${project}/src/main/java/${main}.java`);
  // Both are short-lived: the first compiler is enough, and less of the processor.
  const quick = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];
  return new Program(t, 'java', [...quick, '-cp', classPath, source, ...args]);
}

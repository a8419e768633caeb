/** Checks files: by a running system, or by this version alone, whose deploy check is the same code. */
import type { ProcosClient } from '@procos/client';
import { createBareEngine } from '@procos/kernel';
import type { CheckReport, ProblemRow } from '@procos/protocol';
import type { CheckedFile, Note, Verdict } from './contract.ts';
import { type FileToCheck, isCaseFile, isDecisionFile, isProcessFile } from './files.ts';
import { type Survey, survey } from './survey.ts';

/** Files that belong together. Their names are their paths. */
export type DeployCheck = (files: readonly FileToCheck[]) => Promise<CheckReport>;

/** A system that runs: it knows its settings, and what is deployed. */
export function checkBy(client: ProcosClient): DeployCheck {
  return (files) => client.check(files.map(({ path: name, content }) => ({ name, content })));
}

/** `delegates`: topics by Java class or bean, as the setting of that name. */
export function checkAlone(delegates: Readonly<Record<string, string>>): DeployCheck {
  // Nothing is awaited, nothing is due: the system's clock is never asked for more than the instant.
  const clock = { wallNow: Date.now, monotonicNow: () => performance.now(), after: () => () => {}, soon: setImmediate };
  const engine = createBareEngine({ clock, zone: 'UTC', delegates });
  const by = { kind: 'user', id: 'check' } as const;
  return (files) => {
    const resources = files.map(({ path: name, content }) => ({ name, content }));
    return engine.check({ name: 'check', source: null, tenantId: null, resources, skipUnchanged: false }, by);
  };
}

/** Each file of processes by itself; decisions of one folder together, as they may import each other. */
export async function checkFiles(check: DeployCheck, files: readonly FileToCheck[]): Promise<readonly CheckedFile[]> {
  const reports = new Map<string, CheckReport>();
  for (const group of groupsOf(files)) {
    const report = await check(group);
    for (const { path } of group) reports.set(path, report);
  }
  return files.map((file) => checkedFile(file, reports.get(file.path)));
}

function groupsOf(files: readonly FileToCheck[]): readonly FileToCheck[][] {
  const decisions = Map.groupBy(
    files.filter(({ path }) => isDecisionFile(path)),
    ({ path }) => path.replace(/[^/\\]*$/, ''),
  );
  return [...files.filter(({ path }) => isProcessFile(path)).map((file) => [file]), ...decisions.values()];
}

function checkedFile({ path, content }: FileToCheck, report: CheckReport | undefined): CheckedFile {
  const { needs, notes: surveyed }: Pick<Survey, 'needs' | 'notes'> = isProcessFile(path)
    ? survey(content)
    : { needs: [], notes: ownNotes(path, content) };
  const problems = report?.findings.find(({ resource }) => resource === path)?.problems ?? [];
  const notes = [...problems.map(noteOf), ...surveyed].sort((one, other) => one.line - other.line);
  const defines = report?.defines.filter(({ resource }) => resource === path) ?? [];
  return { path, verdict: verdictOf(notes), notes, needs, defines };
}

function noteOf({ severity, rule, message, elementId, line }: ProblemRow): Note {
  const kind = severity === 'error' ? 'refused' : rule.startsWith('bpmnlint/') ? 'hint' : 'otherwise';
  return { kind, rule, message, line, ...(elementId === undefined ? {} : { elementId }) };
}

function verdictOf(notes: readonly Note[]): Verdict {
  if (notes.some(({ kind }) => kind === 'refused')) return 'refused';
  return notes.some(({ kind }) => kind === 'otherwise') ? 'otherwise' : 'runs';
}

/** Of files that the deploy check keeps as they are. */
function ownNotes(path: string, content: string): readonly Note[] {
  if (isCaseFile(path)) {
    const message =
      'Cases (CMMN) do not run here: draw it as a process, what may be done in any order as an ad-hoc sub-process.';
    return [{ kind: 'refused', rule: 'case', message, line: 0 }];
  }
  if (isDecisionFile(path)) return [];
  if (!/\.form$/i.test(path)) {
    const message =
      'This is no model by its name: it is kept as a file of its deployment. Name it .bpmn or .dmn where it is one.';
    return [{ kind: 'hint', rule: 'file', message, line: 0 }];
  }
  if (content.trim() === '') {
    const message = 'The file is empty. Export the form from the Modeler again, or leave the file out.';
    return [{ kind: 'refused', rule: 'form', message, line: 0 }];
  }
  try {
    const form = JSON.parse(content) as { readonly id?: unknown; readonly components?: unknown } | null;
    if (Array.isArray(form?.components) && typeof form.id === 'string') return [];
    const message =
      'This is no form of Camunda Forms: it needs an id and components. Export it again from the Modeler.';
    return [{ kind: 'refused', rule: 'form', message, line: 0 }];
  } catch (error) {
    const message = `This form is no JSON (${error instanceof Error ? error.message : String(error)}): export it again from the Modeler.`;
    return [{ kind: 'refused', rule: 'form', message, line: 0 }];
  }
}

/** The shipped table of recoveries with more rows before its own, as an operator would write them. */
import type { RunningKernel } from '../kernel-options.ts';
import { systemModels } from './system.ts';

const INPUTS = ['kind', 'process', 'element', 'topic', 'error', 'code', 'message', 'attempt', 'severity'] as const;
const OUTPUTS = ['action', 'process', 'pause', 'max_attempts', 'parameters', 'reason'] as const;

/** FEEL, by input (`when`) and by output; what is left out is any, or null. */
export interface Row {
  readonly when: Partial<Record<(typeof INPUTS)[number], string>>;
  readonly gives: Partial<Record<(typeof OUTPUTS)[number], string>>;
}

export const SHIPPED_TABLE: string = systemModels.find(({ name }) => name === 'recovery.dmn')?.content ?? '';

export function tableWith(...rows: readonly Row[]): string {
  const first = SHIPPED_TABLE.indexOf('<rule id="missing_worker_host">');
  const entry = (kind: string, id: string, text: string): string =>
    `<${kind} id="${id}"><text>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text></${kind}>`;
  const added = rows.map(({ when, gives }, index) => {
    const inputs = INPUTS.map((name) => entry('inputEntry', `row_${index}_${name}`, when[name] ?? '-'));
    const outputs = OUTPUTS.map((name) => entry('outputEntry', `row_${index}_${name}_o`, gives[name] ?? 'null'));
    return `<rule id="row_${index + 1}">${[...inputs, ...outputs].join('')}</rule>`;
  });
  return `${SHIPPED_TABLE.slice(0, first)}${added.join('')}${SHIPPED_TABLE.slice(first)}`;
}

/** As `procos deploy --system recovery.dmn` does. */
export async function deployTable({ engine }: RunningKernel, content: string): Promise<void> {
  const resources = [{ name: 'recovery.dmn', content }];
  const request = { name: 'recovery.dmn', source: 'system', tenantId: null, resources, skipUnchanged: false };
  const outcome = await engine.deploy(request, { kind: 'user', id: 'ada' });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
}

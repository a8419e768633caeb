/** Between what a person types and the typed variables of the Camunda 7 face. Pure. */

/** A variable as `/engine-rest` takes it. */
export interface TypedValue {
  readonly type: string;
  readonly value: string | number | boolean | null;
}

export type RowType = 'String' | 'Integer' | 'Double' | 'Boolean' | 'Date' | 'Json' | 'Null';

/** One line of the variable editor: the value as typed. */
export interface VariableDraft {
  readonly name: string;
  readonly type: RowType;
  readonly text: string;
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** The typed form of a JSON value: lists and maps travel as `Json` text. */
export function typedValue(value: unknown): TypedValue {
  if (value === null || value === undefined) return { type: 'Null', value: null };
  if (typeof value === 'boolean') return { type: 'Boolean', value };
  if (typeof value === 'string') return { type: 'String', value };
  if (typeof value === 'number') return { type: numberType(value), value };
  return { type: 'Json', value: JSON.stringify(value) };
}

export function typedValues(values: Readonly<Record<string, unknown>>): Record<string, TypedValue> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typedValue(value)]));
}

/** Reads one draft; the problem says what is expected. */
export function parseDraft({ type, text }: Pick<VariableDraft, 'type' | 'text'>): Parsed<TypedValue> {
  const trimmed = text.trim();
  switch (type) {
    case 'String':
      return { ok: true, value: { type, value: text } };
    case 'Null':
      return { ok: true, value: { type, value: null } };
    case 'Boolean':
      if (trimmed === 'true' || trimmed === 'false') return { ok: true, value: { type, value: trimmed === 'true' } };
      return { ok: false, problem: 'true or false' };
    case 'Integer': {
      const value = Number(trimmed);
      if (!/^[+-]?\d+$/.test(trimmed) || !Number.isSafeInteger(value)) return { ok: false, problem: 'a whole number' };
      return { ok: true, value: { type: numberType(value), value } };
    }
    case 'Double': {
      const value = Number(trimmed);
      if (trimmed === '' || !Number.isFinite(value)) return { ok: false, problem: 'a number, such as 12.5' };
      return { ok: true, value: { type, value } };
    }
    case 'Date': {
      const at = new Date(trimmed);
      if (Number.isNaN(at.getTime())) return { ok: false, problem: 'a date, such as 2025-01-31T09:00' };
      return { ok: true, value: { type, value: at.toISOString().replace('Z', '+0000') } };
    }
    case 'Json':
      try {
        JSON.parse(trimmed);
        return { ok: true, value: { type, value: trimmed } };
      } catch (error) {
        return { ok: false, problem: `JSON (${(error as Error).message})` };
      }
  }
}

/** Reads all drafts; lines without a name and value are left out. Problems are by line index. */
export function parseDrafts(drafts: readonly VariableDraft[]): {
  readonly variables: Record<string, TypedValue>;
  readonly problems: ReadonlyMap<number, string>;
} {
  const variables: Record<string, TypedValue> = {};
  const problems = new Map<number, string>();
  for (const [index, draft] of drafts.entries()) {
    const name = draft.name.trim();
    if (name === '' && draft.text.trim() === '') continue;
    const parsed = parseDraft(draft);
    if (name === '') problems.set(index, 'Give the variable a name.');
    else if (Object.hasOwn(variables, name)) problems.set(index, `“${name}” is given twice.`);
    else if (parsed.ok) variables[name] = parsed.value;
    else problems.set(index, `Expected ${parsed.problem}.`);
  }
  return { variables, problems };
}

/** Reads the JSON mode of the editor: one object, its members are the variables. */
export function parseObject(text: string): Parsed<Record<string, unknown>> {
  if (text.trim() === '') return { ok: true, value: {} };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { ok: true, value: value as Record<string, unknown> };
    return { ok: false, problem: 'Expected an object, such as {"amount": 12}.' };
  } catch (error) {
    return { ok: false, problem: (error as Error).message };
  }
}

/** How a stored value is shown in the editor of one variable. */
export function draftOf(name: string, type: string, value: unknown): VariableDraft {
  if (value === null || value === undefined) return { name, type: 'Null', text: '' };
  if (typeof value === 'object') return { name, type: 'Json', text: JSON.stringify(value, null, 2) };
  if (typeof value === 'boolean') return { name, type: 'Boolean', text: String(value) };
  if (typeof value === 'number')
    return { name, type: Number.isInteger(value) ? 'Integer' : 'Double', text: String(value) };
  return { name, type: type === 'Date' ? 'Date' : type === 'Json' ? 'Json' : 'String', text: String(value) };
}

function numberType(value: number): string {
  if (!Number.isInteger(value)) return 'Double';
  if (value >= -2_147_483_648 && value <= 2_147_483_647) return 'Integer';
  return Number.isSafeInteger(value) ? 'Long' : 'Double';
}

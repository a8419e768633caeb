/** Variables as typed by a person: lines of name, type and value, or one JSON object. */
import { ActionIcon, Button, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import {
  parseDrafts,
  parseObject,
  type RowType,
  type TypedValue,
  typedValues,
  type VariableDraft,
} from '../api/typed-values.ts';

export const rowTypes: readonly RowType[] = ['String', 'Integer', 'Double', 'Boolean', 'Date', 'Json', 'Null'];

/** The editor's whole state; read it with `variablesOf`. */
export interface VariableInput {
  readonly mode: 'rows' | 'json';
  readonly rows: readonly (VariableDraft & { readonly key: number })[];
  readonly json: string;
}

let lastKey = 0;
const blankRow = () => ({ key: ++lastKey, name: '', type: 'String' as const, text: '' });

export const noVariables = (): VariableInput => ({ mode: 'rows', rows: [blankRow()], json: '{\n  \n}' });

/** The typed variables, or null while something is not readable. */
export function variablesOf(input: VariableInput): Record<string, TypedValue> | null {
  if (input.mode === 'json') {
    const parsed = parseObject(input.json);
    return parsed.ok ? typedValues(parsed.value) : null;
  }
  const { variables, problems } = parseDrafts(input.rows);
  return problems.size === 0 ? variables : null;
}

export function VariableRows(props: {
  readonly value: VariableInput;
  readonly onChange: (value: VariableInput) => void;
}) {
  const { value, onChange } = props;
  return (
    <fieldset className="variable-input">
      <legend>Variables</legend>
      <SegmentedControl
        aria-label="How variables are given"
        value={value.mode}
        onChange={(mode) => onChange({ ...value, mode: mode === 'json' ? 'json' : 'rows' })}
        data={[
          { value: 'rows', label: 'Fields' },
          { value: 'json', label: 'JSON' },
        ]}
      />
      {value.mode === 'json' ? <JsonInput {...props} /> : <Rows {...props} />}
    </fieldset>
  );
}

function JsonInput({
  value,
  onChange,
}: {
  readonly value: VariableInput;
  readonly onChange: (value: VariableInput) => void;
}) {
  const parsed = parseObject(value.json);
  return (
    <Textarea
      aria-label="Variables as JSON"
      autosize
      minRows={6}
      maxRows={16}
      spellCheck={false}
      classNames={{ input: 'mono' }}
      value={value.json}
      error={parsed.ok ? null : parsed.problem}
      onChange={(event) => onChange({ ...value, json: event.currentTarget.value })}
    />
  );
}

function Rows({
  value,
  onChange,
}: {
  readonly value: VariableInput;
  readonly onChange: (value: VariableInput) => void;
}) {
  const [touched, setTouched] = useState(false);
  const { problems } = parseDrafts(value.rows);
  const put = (index: number, change: Partial<VariableDraft>): void =>
    onChange({ ...value, rows: value.rows.map((row, at) => (at === index ? { ...row, ...change } : row)) });
  return (
    <div className="variable-rows">
      {value.rows.map((row, index) => {
        const problem = touched ? problems.get(index) : undefined;
        return (
          <div key={row.key} className="variable-row">
            <TextInput
              aria-label={`Name of variable ${index + 1}`}
              placeholder="name"
              value={row.name}
              onChange={(event) => put(index, { name: event.currentTarget.value })}
              classNames={{ input: 'mono' }}
            />
            <Select
              aria-label={`Type of variable ${index + 1}`}
              data={rowTypes}
              value={row.type}
              allowDeselect={false}
              onChange={(type) => type && put(index, { type })}
            />
            <TextInput
              aria-label={`Value of variable ${index + 1}`}
              placeholder={row.type === 'Json' ? '{"a": 1}' : 'value'}
              value={row.text}
              disabled={row.type === 'Null'}
              error={problem}
              onBlur={() => setTouched(true)}
              onChange={(event) => put(index, { text: event.currentTarget.value })}
              classNames={{ input: 'mono' }}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="md"
              aria-label={`Remove variable ${index + 1}`}
              onClick={() => onChange({ ...value, rows: value.rows.filter((_, at) => at !== index) })}
            >
              <IconTrash size={14} />
            </ActionIcon>
          </div>
        );
      })}
      <Button
        variant="subtle"
        size="compact-xs"
        leftSection={<IconPlus size={12} />}
        onClick={() => onChange({ ...value, rows: [...value.rows, blankRow()] })}
      >
        Add a variable
      </Button>
    </div>
  );
}

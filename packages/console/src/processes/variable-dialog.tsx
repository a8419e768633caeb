/** Changes one live variable. */
import { Button, Group, Modal, Select, Textarea } from '@mantine/core';
import type { ProcessDetail, VariableRow } from '@procos/protocol';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { setVariable } from '../api/camunda.ts';
import { draftOf, parseDraft } from '../api/typed-values.ts';
import { rowTypes } from '../ui/variable-rows.tsx';

interface VariableDialogProps {
  readonly process: ProcessDetail;
  readonly variable: VariableRow;
  readonly onClose: () => void;
}

export function VariableDialog({ process, variable, onClose }: VariableDialogProps) {
  const [draft, setDraft] = useState(() => draftOf(variable.name, variable.type, variable.value));
  const client = useQueryClient();
  const parsed = parseDraft(draft);
  const save = useMutation({
    mutationFn: async () => {
      if (!parsed.ok) return;
      const scopeId = variable.elementId === null ? process.processInstanceId : variable.scopeId;
      await setVariable(scopeId, variable.name, parsed.value);
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['process'] });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={`Change ${variable.name}`} size="lg" centered>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (parsed.ok) save.mutate();
        }}
      >
        <Select
          label="Type"
          data={rowTypes}
          value={draft.type}
          allowDeselect={false}
          onChange={(type) => type && setDraft({ ...draft, type })}
          w={160}
        />
        {draft.type !== 'Null' && (
          <Textarea
            mt="sm"
            label="Value"
            autosize
            minRows={draft.type === 'Json' ? 6 : 2}
            maxRows={18}
            value={draft.text}
            data-autofocus
            error={parsed.ok ? null : `Expected ${parsed.problem}.`}
            classNames={{ input: 'mono' }}
            onChange={(event) => setDraft({ ...draft, text: event.currentTarget.value })}
          />
        )}
        {save.error && (
          <p className="problem" role="alert">
            {save.error.message}
          </p>
        )}
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={onClose}>
            Leave it
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!parsed.ok} data-testid="save-variable">
            Save
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

/** Starts an instance: with the model's start form if it has one, else with a business key and variables. */
import { Button, Group, Modal, TextInput } from '@mantine/core';
import type { DefinitionDetail } from '@procos/protocol';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { startProcess } from '../api/camunda.ts';
import { type TypedValue, typedValues } from '../api/typed-values.ts';
import { FormJs } from '../tasks/form-js.tsx';
import { sayDone } from '../ui/say.ts';
import { noVariables, VariableRows, variablesOf } from '../ui/variable-rows.tsx';

const formId = 'start-form';

export function StartDialog({
  definition,
  onClose,
}: {
  readonly definition: DefinitionDetail;
  readonly onClose: () => void;
}) {
  const [businessKey, setBusinessKey] = useState('');
  const [input, setInput] = useState(noVariables);
  const navigate = useNavigate();
  const client = useQueryClient();
  const start = useMutation({
    mutationFn: (variables: Readonly<Record<string, TypedValue>>) =>
      startProcess(definition.camundaId, { businessKey, variables }),
    onSuccess: ({ id }) => {
      sayDone(`${definition.name ?? definition.bpmnProcessId} runs as process ${id}.`);
      void client.invalidateQueries({ queryKey: ['processes'] });
      onClose();
      void navigate(`/processes/${id}`);
    },
  });
  const form = definition.startForm?.kind === 'form-js' ? definition.startForm : null;
  const variables = form ? null : variablesOf(input);
  return (
    <Modal opened onClose={onClose} title={`Start ${definition.name ?? definition.bpmnProcessId}`} size="xl" centered>
      <form
        id={form ? undefined : formId}
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (variables) start.mutate(variables);
        }}
      >
        <TextInput
          label="Business key"
          description="What the world calls this case, such as an order number. Optional."
          value={businessKey}
          onChange={(event) => setBusinessKey(event.currentTarget.value)}
          data-autofocus
          maw={360}
        />
        {!form && <VariableRows value={input} onChange={setInput} />}
      </form>
      {form && (
        <FormJs id={formId} schema={form.schema} data={{}} onSubmit={(data) => start.mutate(typedValues(data))} />
      )}
      {start.error && (
        <p className="problem" role="alert">
          {start.error.message}
        </p>
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose}>
          Leave it
        </Button>
        <Button
          type="submit"
          form={formId}
          loading={start.isPending}
          disabled={!form && variables === null}
          data-testid="start-confirm"
        >
          Start
        </Button>
      </Group>
    </Modal>
  );
}

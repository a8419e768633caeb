/** Sets one limit, or takes one away; the reason is shown to whoever reaches it. */
import { Button, Group, Modal, NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import {
  INSTANCE_LIMITS,
  LIMIT_KINDS,
  limitForm,
  limitText,
  type ProcessLimit,
  readLimitValue,
} from '@procos/protocol';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { definitionsQuery, setLimit } from '../api/queries.ts';
import { sayDone } from '../ui/say.ts';
import { type LimitTarget, nameOfLimit, nameOfTarget } from './words.ts';

interface LimitDialogProps {
  /** Absent: the person says for whom. */
  readonly target?: LimitTarget;
  /** What holds now. */
  readonly known?: ProcessLimit;
  /** That `known` was set for this very target, so that it can be taken away. */
  readonly own?: boolean;
  readonly onClose: () => void;
}

export function LimitDialog({ target, known, own = false, onClose }: LimitDialogProps) {
  const [chosen, setChosen] = useState<LimitTarget>({});
  const [limit, setLimitName] = useState<string | null>(known?.limit ?? null);
  const [text, setText] = useState(known === undefined ? '' : limitText(known.limit, known.value));
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  const whom = target ?? chosen;
  const named = (whom.pid ?? whom.bpmnProcessId ?? whom.tenantId) !== undefined;
  const value = limit === null ? undefined : readLimitValue(limit, text.trim());
  const wrong = limit !== null && text !== '' && value === undefined;
  const save = useMutation({
    mutationFn: (to: number | null) => setLimit({ ...whom, limits: { [limit ?? '']: to }, reason: reason.trim() }),
    onSuccess: (_, to) => {
      sayDone(`Limit ${nameOfLimit(limit ?? '')} of ${nameOfTarget(whom)} is ${to === null ? 'taken away' : text}.`);
      void client.invalidateQueries({ queryKey: ['limits'] });
      onClose();
    },
  });
  const kinds = whom.pid === undefined ? LIMIT_KINDS : INSTANCE_LIMITS;
  const ready = limit !== null && named && reason.trim() !== '';
  return (
    <Modal
      opened
      onClose={onClose}
      title={target ? `Limit of ${nameOfTarget(target)}` : 'Set a limit'}
      size="lg"
      centered
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && value !== undefined) save.mutate(value);
        }}
      >
        {!target && <ForWhom value={chosen} onChange={setChosen} />}
        <Group align="flex-start" gap="sm" grow>
          <Select
            label="Limit"
            searchable
            data={kinds.map((kind) => ({ value: kind, label: nameOfLimit(kind) }))}
            value={limit}
            onChange={setLimitName}
            disabled={known !== undefined}
          />
          <TextInput
            label="At most"
            description={limit === null || wrong ? null : limitForm(limit)}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={text}
            error={wrong ? `Expected ${limitForm(limit)}.` : null}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        </Group>
        <TextInput
          label="Reason"
          description="For the audit, and for whoever reaches the limit."
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus={known !== undefined || undefined}
        />
        {save.error && (
          <p className="problem" role="alert">
            {save.error.message}
          </p>
        )}
        <Group justify="flex-end" mt="xs" gap="xs">
          <Button variant="default" onClick={onClose}>
            Leave it
          </Button>
          {own && (
            <Button
              color="red"
              variant="light"
              loading={save.isPending && save.variables === null}
              disabled={!ready}
              onClick={() => save.mutate(null)}
              data-testid="remove-limit"
            >
              Take it away
            </Button>
          )}
          <Button
            type="submit"
            loading={save.isPending && save.variables !== null}
            disabled={!ready || value === undefined}
            data-testid="save-limit"
          >
            Set
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

function ForWhom({ value, onChange }: { readonly value: LimitTarget; readonly onChange: (to: LimitTarget) => void }) {
  const [kind, setKind] = useState<'definition' | 'tenant'>('definition');
  const definitions = useQuery(definitionsQuery);
  const { bpmnProcessId, version, tenantId } = value;
  return (
    <>
      <SegmentedControl
        aria-label="For"
        value={kind}
        onChange={(to) => {
          setKind(to as typeof kind);
          onChange({});
        }}
        data={[
          { value: 'definition', label: 'Processes of a model' },
          { value: 'tenant', label: 'A tenant' },
        ]}
      />
      {kind === 'definition' ? (
        <Group align="flex-start" gap="sm" grow>
          <Select
            label="Model"
            searchable
            data={[...new Set(definitions.data?.definitions.map((row) => row.bpmnProcessId))].toSorted()}
            value={bpmnProcessId ?? null}
            onChange={(id) => onChange(id === null ? {} : { ...value, bpmnProcessId: id })}
          />
          <NumberInput
            label="Version"
            placeholder="all"
            min={1}
            allowDecimal={false}
            value={version ?? ''}
            disabled={bpmnProcessId === undefined}
            onChange={(to) =>
              onChange({
                ...(bpmnProcessId !== undefined && { bpmnProcessId }),
                ...(typeof to === 'number' && { version: to }),
              })
            }
          />
        </Group>
      ) : (
        <TextInput
          label="Tenant"
          value={tenantId ?? ''}
          onChange={(event) => {
            const id = event.currentTarget.value.trim();
            onChange(id === '' ? {} : { tenantId: id });
          }}
        />
      )}
    </>
  );
}

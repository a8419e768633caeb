/** A button that asks before it does something that cannot be undone. */
import { Button, Group, Modal, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { sayFailure } from './say.ts';

interface ConfirmProps {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly question: string;
  readonly children: ReactNode;
  readonly confirmLabel: string;
  readonly testId: string;
  readonly onConfirm: () => Promise<unknown>;
  readonly onDone?: () => void;
}

export function ConfirmButton(props: ConfirmProps) {
  const [open, setOpen] = useState(false);
  const action = useMutation({
    mutationFn: props.onConfirm,
    onSuccess: () => {
      setOpen(false);
      props.onDone?.();
    },
    onError: sayFailure,
  });
  return (
    <>
      <Button variant="default" leftSection={props.icon} onClick={() => setOpen(true)} data-testid={props.testId}>
        {props.label}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={props.question} centered>
        <Text size="sm">{props.children}</Text>
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={() => setOpen(false)} data-autofocus>
            Keep it
          </Button>
          <Button
            color="red"
            loading={action.isPending}
            onClick={() => action.mutate()}
            data-testid={`${props.testId}-confirm`}
          >
            {props.confirmLabel}
          </Button>
        </Group>
      </Modal>
    </>
  );
}

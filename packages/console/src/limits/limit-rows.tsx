/** Limits as rows of a table: how much is allowed, how much is used, who has said so and why. */
import { ActionIcon, Progress, Table } from '@mantine/core';
import { limitText, type ProcessLimit } from '@procos/protocol';
import { IconPencil } from '@tabler/icons-react';
import { Age } from '../ui/age.tsx';
import { formatSubject } from '../ui/format.ts';
import { nameOfLimit, shareUsed } from './words.ts';

/** From this share on (percent) the bar warns. */
const NEARLY = 80;

export function LimitHeads() {
  return (
    <Table.Thead>
      <Table.Tr>
        <Table.Th className="col-name">Limit</Table.Th>
        <Table.Th>At most</Table.Th>
        <Table.Th>Used</Table.Th>
        <Table.Th>From</Table.Th>
        <Table.Th>Set by</Table.Th>
        <Table.Th>Reason</Table.Th>
        <Table.Th className="col-action" aria-label="Change" />
      </Table.Tr>
    </Table.Thead>
  );
}

export function LimitRow(props: { readonly of: ProcessLimit; readonly onChange: (() => void) | null }) {
  const { of: held, onChange } = props;
  const { limit, value, used, from, by, at, reason } = held;
  const share = shareUsed(held);
  return (
    <Table.Tr data-testid={`limit-${limit}`}>
      <Table.Td className="strong">{nameOfLimit(limit)}</Table.Td>
      <Table.Td className="num">{limitText(limit, value)}</Table.Td>
      <Table.Td>
        {used === undefined || share === undefined ? (
          <span className="dim">–</span>
        ) : (
          <>
            <span className="num">{limitText(limit, used)}</span>
            <Progress value={share} size="sm" aria-hidden {...(share >= NEARLY && { color: 'red' })} />
          </>
        )}
      </Table.Td>
      <Table.Td className="dim">{from}</Table.Td>
      <Table.Td>
        {by !== undefined && formatSubject(by)}
        {at !== undefined && (
          <span className="dim">
            {' '}
            <Age from={at} /> ago
          </span>
        )}
      </Table.Td>
      <Table.Td className="break">{reason}</Table.Td>
      <Table.Td>
        {onChange && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={`Change ${nameOfLimit(limit)}`}
            onClick={onChange}
          >
            <IconPencil size={14} />
          </ActionIcon>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

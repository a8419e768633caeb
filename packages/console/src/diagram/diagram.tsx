/** A model's drawing; the library behind it is loaded when the first one is shown. */
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { xmlQuery } from '../api/queries.ts';
import { Failure } from '../ui/answer.tsx';
import type { Mark } from './marks.ts';

const Viewer = lazy(() => import('./viewer.tsx'));

export interface DiagramProps {
  readonly definitionId: string;
  readonly marks: readonly Mark[];
  /** For those who do not see it, e.g. "Diagram of Order". */
  readonly label: string;
  readonly selected?: string | null;
  readonly onSelect?: (elementId: string | null) => void;
}

export function Diagram({ definitionId, ...rest }: DiagramProps) {
  const { data: xml, error, refetch } = useQuery(xmlQuery(definitionId));
  if (error && xml === undefined) return <Failure error={error} retry={() => void refetch()} />;
  const waiting = <Skeleton height="100%" radius={0} />;
  if (xml === undefined) return waiting;
  return (
    <Suspense fallback={waiting}>
      <Viewer key={definitionId} xml={xml} {...rest} />
    </Suspense>
  );
}

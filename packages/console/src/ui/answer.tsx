/** What is shown instead of content: waiting, refused, or nothing there yet (with what to do next). */
import { Button, Skeleton } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiFailure } from '../api/http.ts';

export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty" data-testid="empty">
      <p className="empty-title">{title}</p>
      {children && <div className="empty-text">{children}</div>}
    </div>
  );
}

export function Failure({ error, retry }: { readonly error: Error; readonly retry?: () => void }) {
  const missing = error instanceof ApiFailure && error.status === 404;
  return (
    <div className="empty" role="alert" data-testid="failure">
      <p className="empty-title">{missing ? 'Not found' : 'That did not work'}</p>
      <div className="empty-text">{error.message}</div>
      {retry && !missing && (
        <Button variant="default" size="xs" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Renders the data of a query; data already shown stays while the server is away. */
export function Answer<T>(props: {
  readonly of: UseQueryResult<T>;
  readonly height?: number;
  readonly children: (data: T) => ReactNode;
}) {
  const { data, error, refetch } = props.of;
  if (data !== undefined) return props.children(data);
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  return <Skeleton height={props.height ?? 160} radius="sm" aria-label="Loading" />;
}

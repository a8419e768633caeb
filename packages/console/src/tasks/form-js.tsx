/** A form-js form; the library behind it is loaded when the first one is shown. */
import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';

const FormViewer = lazy(() => import('./form-viewer.tsx'));

export interface FormJsProps {
  /** Of the form element: a button elsewhere submits it with its `form` attribute. */
  readonly id: string;
  /** A form-js schema. */
  readonly schema: unknown;
  /** What the fields are filled with; read once. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly onSubmit: (data: Record<string, unknown>) => void;
}

export function FormJs(props: FormJsProps) {
  return (
    <Suspense fallback={<Skeleton height={220} radius="sm" />}>
      <FormViewer {...props} />
    </Suspense>
  );
}

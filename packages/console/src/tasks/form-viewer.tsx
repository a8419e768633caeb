/** form-js in React: renders the schema once with its data, hands back what was entered when it is valid. Loaded lazily. */
import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import './form-viewer.css';
import { Form } from '@bpmn-io/form-js-viewer';
import { useEffect, useRef, useState } from 'react';
import { Empty } from '../ui/answer.tsx';
import type { FormJsProps } from './form-js.tsx';

type Schema = Parameters<Form['importSchema']>[0];

export default function FormViewer({ id, schema, data, onSubmit }: FormJsProps) {
  const host = useRef<HTMLDivElement>(null);
  const form = useRef<Form | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const first = useRef({ schema, data });

  useEffect(() => {
    if (!host.current) return;
    const viewer = new Form({ container: host.current });
    form.current = viewer;
    viewer
      .importSchema(first.current.schema as Schema, { ...first.current.data })
      .catch((error: Error) => setProblem(error.message));
    return () => {
      form.current = null;
      viewer.destroy();
    };
  }, []);

  const submit = (): void => {
    const result = form.current?.submit();
    if (result && Object.keys(result.errors).length === 0) onSubmit(result.data as Record<string, unknown>);
  };
  if (problem) return <Empty title="This form cannot be shown">{problem}</Empty>;
  return (
    <>
      {/* form-js brings a form element of its own; this one only lets an outside button submit it. */}
      <form
        id={id}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      />
      <div
        ref={host}
        className="form-js"
        data-testid="form-js"
        onSubmitCapture={(event) => {
          event.preventDefault();
          event.stopPropagation();
          submit();
        }}
      />
    </>
  );
}

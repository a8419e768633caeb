/** A coloured block that says something the reader must know now. */
import type { ReactNode } from 'react';

interface NoteProps {
  readonly title: string;
  readonly alarm?: boolean;
  readonly testId?: string;
  readonly children: ReactNode;
}

export function Note({ title, alarm = false, testId, children }: NoteProps) {
  return (
    <div className={alarm ? 'note note-alarm' : 'note'} role="alert" data-testid={testId}>
      <p className="note-title">{title}</p>
      {children}
    </div>
  );
}

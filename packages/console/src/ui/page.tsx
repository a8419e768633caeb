/** The frame of every page: browser title, heading, a line of facts, actions at the right. */
import type { ReactNode } from 'react';

interface PageProps {
  readonly title: string;
  /** Above the heading, e.g. the way back. */
  readonly above?: ReactNode;
  readonly heading?: ReactNode;
  readonly facts?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, above, heading, facts, actions, children }: PageProps) {
  return (
    <section className="page" aria-label={title}>
      <title>{`${title} · ProcOS`}</title>
      <header className="page-head">
        <div className="page-head-text">
          {above && <div className="page-above">{above}</div>}
          <h1 className="page-title" title={title}>
            {heading ?? title}
          </h1>
          {facts && <div className="facts">{facts}</div>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </section>
  );
}

/** A bordered surface with an optional title row. */
export function Panel(props: {
  readonly title?: ReactNode;
  readonly aside?: ReactNode;
  readonly flush?: boolean;
  readonly testId?: string;
  readonly children: ReactNode;
}) {
  return (
    <section className="panel" data-testid={props.testId}>
      {(props.title || props.aside) && (
        <header className="panel-head">
          <h2 className="panel-title">{props.title}</h2>
          {props.aside}
        </header>
      )}
      <div className={props.flush ? 'panel-body flush' : 'panel-body'}>{props.children}</div>
    </section>
  );
}

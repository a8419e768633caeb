/** A table row that opens a page: its link is a real one (keyboard, new tab); a click elsewhere in the row follows it. */
import type { MouseEvent, ReactNode } from 'react';
import { useNavigate } from 'react-router';

export function LinkRow(props: { readonly to: string; readonly testId: string; readonly children: ReactNode }) {
  const navigate = useNavigate();
  const follow = (event: MouseEvent<HTMLTableRowElement>): void => {
    const onControl = event.target instanceof Element && event.target.closest('a, button, input');
    if (!onControl && !window.getSelection()?.toString()) void navigate(props.to);
  };
  return (
    <tr className="link-row" onClick={follow} data-testid={props.testId}>
      {props.children}
    </tr>
  );
}

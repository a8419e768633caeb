/** The answer to an address that no page has. */
import { Link, useLocation } from 'react-router';
import { Empty } from '../ui/answer.tsx';
import { Page } from '../ui/page.tsx';

export function NotFoundPage() {
  const { pathname } = useLocation();
  return (
    <Page title="Not found">
      <Empty title={`There is no page at ${pathname}`}>
        <Link to="/">Go to the overview</Link>
      </Empty>
    </Page>
  );
}

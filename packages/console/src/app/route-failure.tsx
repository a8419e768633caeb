/** The error boundary of the pages: says what broke, keeps the rest of the console usable. */
import { Button } from '@mantine/core';
import { isRouteErrorResponse, useRouteError } from 'react-router';

export function RouteFailure() {
  const error = useRouteError();
  const message = isRouteErrorResponse(error)
    ? `${error.status} ${error.statusText}`
    : error instanceof Error
      ? error.message
      : String(error);
  return (
    <div className="empty" role="alert" data-testid="failure">
      <p className="empty-title">This page broke</p>
      <div className="empty-text">{message}</div>
      <Button variant="default" onClick={() => window.location.reload()}>
        Load it again
      </Button>
    </div>
  );
}

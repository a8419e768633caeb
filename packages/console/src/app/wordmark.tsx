/** The name as a mark: a start event that holds a token. */
export function Wordmark() {
  return (
    <span className="wordmark">
      <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
        <circle cx="10" cy="10" r="8.2" fill="none" stroke="currentColor" strokeWidth="2.2" />
        <circle cx="10" cy="10" r="3.6" fill="currentColor" />
      </svg>
      <span>
        Proc<b>OS</b>
      </span>
    </span>
  );
}

/** The server's words for who reads them in a browser: where it says "see /api/…", the page that shows it stands in the menu. */
export function withoutAddress(message: string): string {
  return message.replace(/(,( or)?|:|\.) [Ss]ee \/api\/\S+$/, '.');
}

/** One more event of the XML parser than `read/libraries.d.ts` declares. */
import 'saxen';

declare module 'saxen' {
  interface Parser {
    /** A processing instruction with its `<?` and `?>`, the XML declaration too. */
    on(event: 'question', handler: (text: string) => void): this;
  }
}

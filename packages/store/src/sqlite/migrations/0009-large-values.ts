/** Format 9: large values are kept in chunks beside the records that name them. */
import type { Migration } from '../migrate.ts';

export const largeValues: Migration = {
  format: 9,
  sql: `
CREATE TABLE blobs (id INTEGER PRIMARY KEY AUTOINCREMENT, sha256 TEXT, size INTEGER NOT NULL, chunks INTEGER NOT NULL,
  at INTEGER NOT NULL);
CREATE UNIQUE INDEX blobsByHash ON blobs (sha256) WHERE sha256 IS NOT NULL;
CREATE TABLE blobChunks (id INTEGER PRIMARY KEY, blobId INTEGER NOT NULL, number INTEGER NOT NULL, sum TEXT NOT NULL,
  bytes BLOB NOT NULL);
CREATE UNIQUE INDEX chunksOfBlob ON blobChunks (blobId, number);
CREATE TABLE blobHolders (blobId INTEGER NOT NULL, kind TEXT NOT NULL, holder INTEGER NOT NULL,
  PRIMARY KEY (blobId, kind, holder)) WITHOUT ROWID;
`,
};

/** Response headers of a file variable: always an attachment, never run or shown by a browser. */
import type { Variable } from '@procos/kernel';
import { withoutScript } from '../harmless.ts';

export function fileHeaders({ type, info }: Variable): {
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  if (type !== 'File') return { contentType: 'application/octet-stream', headers: {} };
  const mimeType = info?.mimeType ?? '';
  const known = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(mimeType) ? mimeType : 'application/octet-stream';
  const charset = info?.encoding && /^[\w.:-]+$/.test(info.encoding) ? `; charset=${info.encoding}` : '';
  const name = info?.filename ?? 'file';
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\]/g, '_');
  const disposition = `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`;
  return { contentType: withoutScript(known) + charset, headers: { 'content-disposition': disposition } };
}

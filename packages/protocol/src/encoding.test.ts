/** What a file says about its own encoding. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodingOf } from './encoding.ts';

describe('the encoding of a file', () => {
  const bytes = (text: string, as: BufferEncoding = 'latin1') => Buffer.from(text, as);
  for (const [what, file, encoding] of [
    ['nothing said', bytes('<a/>'), 'utf-8'],
    ['nothing in it', bytes(''), 'utf-8'],
    ['declared', bytes('<?xml version="1.0" encoding="ISO-8859-1"?><a/>'), 'iso-8859-1'],
    ['declared in single quotes', bytes("<?xml version='1.0'  encoding = 'windows-1252' ?><a/>"), 'windows-1252'],
    ['UTF-8 with a mark, whatever is declared', bytes('\xef\xbb\xbf<?xml version="1.0" encoding="x"?>'), 'utf-8'],
    ['UTF-16 with a mark', bytes('\ufeff<a/>', 'utf16le'), 'utf-16le'],
    ['UTF-16, the other way round', bytes('\ufeff<a/>', 'utf16le').swap16(), 'utf-16be'],
    ['UTF-16 without a mark', bytes('<?xml version="1.0" encoding="UTF-16"?>', 'utf16le'), 'utf-16le'],
    ['UTF-16 without a mark, the other way round', bytes('<?xml version="1.0"?>', 'utf16le').swap16(), 'utf-16be'],
    ['an encoding that is only text inside', bytes('<a><?xml version="1.0" encoding="x"?></a>'), 'utf-8'],
  ] as const) {
    test(what, () => assert.equal(encodingOf(file), encoding));
  }
});

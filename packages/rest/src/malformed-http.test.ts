/** Bytes that are no HTTP, or that two readers may read in two ways, over real sockets: answered once, and nothing of it is done. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { bpmn, type System, startSystem } from './testing/real-kernel.test.ts';

const WAITING = bpmn('waiting', '<bpmn:startEvent id="start" /><bpmn:userTask id="wait" />', ['start->wait']);
const VERSION = '/engine-rest/version';
const START = '/engine-rest/process-definition/key/waiting/start';
const HOST = 'Host: localhost\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
/** What would start an instance if it were taken: 19 bytes. */
const BODY = '{"businessKey":"x"}';
const AS_CHUNK = `13\r\n${BODY}\r\n`;
const LAST = '0\r\n\r\n';

const get = (line: string, head = HOST): string => `${line}\r\n${head}\r\n`;
const withHeader = (header: string): string => get(`GET ${VERSION} HTTP/1.1`, `${HOST}${header}\r\n`);
const post = (head: string, body: string, path = START): string =>
  `POST ${path} HTTP/1.1\r\n${HOST}Content-Type: application/json\r\n${head}\r\n${body}`;
const typed = (type: string, body = BODY): string =>
  `POST ${START} HTTP/1.1\r\n${HOST}${type}Content-Length: ${body.length}\r\n\r\n${body}`;

/** Title, bytes (a character is a byte), the statuses of all that is answered before the connection ends. */
type Case = readonly [title: string, bytes: string, ...statuses: readonly number[]];

const LINES: readonly Case[] = [
  ['nothing', ''],
  ['one line end', '\r\n'],
  ['words', 'hello\r\n\r\n', 400],
  ['bytes', '\0\x01\x02\xff\xfe\r\n\r\n', 400],
  ['a greeting of TLS', '\x16\x03\x01\0\xc4\x01\0\0\xc0\x03\x03', 400],
  ['a greeting of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['HTTP/0.9', `GET ${VERSION}\r\n`, 400],
  ['no version', get(`GET ${VERSION}`), 505],
  ['version 1.2', get(`GET ${VERSION} HTTP/1.2`), 400],
  ['version 2.0', get(`GET ${VERSION} HTTP/2.0`), 505],
  ['version 11', get(`GET ${VERSION} HTTP/11`), 400],
  ['the protocol in lower case', get(`GET ${VERSION} http/1.1`), 400],
  ['a method that does not exist', get(`FETCH ${VERSION} HTTP/1.1`), 400],
  ['a method in lower case', get(`get ${VERSION} HTTP/1.1`), 400],
  ['a method of others', get(`PROPFIND ${VERSION} HTTP/1.1`), 405],
  ['TRACE', get(`TRACE ${VERSION} HTTP/1.1`), 405],
  ['CONNECT', get('CONNECT localhost:80 HTTP/1.1')],
  ['a space before the method', get(` GET ${VERSION} HTTP/1.1`), 400],
  ['a tab after the method', get(`GET\t${VERSION} HTTP/1.1`), 400],
  ['a space in the target', get(`GET ${VERSION} x HTTP/1.1`), 400],
  ['a space after the version', get(`GET ${VERSION} HTTP/1.1 `), 400],
  ['no target', get('GET  HTTP/1.1'), 400],
  ['a target without its slash', get('GET version HTTP/1.1'), 400],
  ['a target that is a query', get('GET ?x HTTP/1.1'), 400],
  ['a NUL in the target', get(`GET ${VERSION}\0 HTTP/1.1`), 400],
  ['a byte above 127 in the target', get(`GET ${VERSION}\xff HTTP/1.1`), 400],
  ['a % that is none', get('GET /engine-rest/%zz HTTP/1.1'), 400],
  ['a % that is cut', get('GET /engine-rest/% HTTP/1.1'), 400],
  ['a % that is no UTF-8', get('GET /engine-rest/task/%ff HTTP/1.1'), 400],
  ['dots in a longer UTF-8 than needed', get('GET /engine-rest/%c0%ae%c0%ae/version HTTP/1.1'), 400],
  ['a NUL as an id', get('GET /engine-rest/task/%00 HTTP/1.1'), 404],
  ['a header in an id', get('GET /engine-rest/task/%0d%0aX-Evil:1 HTTP/1.1'), 404],
  ['the way out of the folder', get('GET /engine-rest/../../etc/passwd HTTP/1.1'), 404],
  ['a long id', get(`GET /engine-rest/task/${'x'.repeat(10_000)} HTTP/1.1`), 404],
  ['a target longer than a head may be', get(`GET ${VERSION}${'x'.repeat(20_000)} HTTP/1.1`), 431],
  ['another host in the target', get(`GET http://evil.example${VERSION} HTTP/1.1`), 403],
  ['this host in the target', get(`GET http://localhost${VERSION} HTTP/1.1`, 'Host: x\r\n'), 200],
];

const HEADERS: readonly Case[] = [
  ['no Host', get(`GET ${VERSION} HTTP/1.1`, ''), 400],
  ['no Host in HTTP/1.0', get(`GET ${VERSION} HTTP/1.0`, ''), 400],
  ['two Hosts', withHeader('Host: 127.0.0.1'), 400],
  ['an empty Host', get(`GET ${VERSION} HTTP/1.1`, 'Host:\r\n'), 400],
  ['a list of Hosts', get(`GET ${VERSION} HTTP/1.1`, 'Host: localhost, evil\r\n'), 400],
  ['a Host with a path', get(`GET ${VERSION} HTTP/1.1`, 'Host: localhost/x\r\n'), 400],
  ['a Host with a user', get(`GET ${VERSION} HTTP/1.1`, 'Host: evil.example@localhost\r\n'), 400],
  ['a Host of elsewhere', get(`GET ${VERSION} HTTP/1.1`, 'Host: evil.example\r\n'), 403],
  ['no colon', withHeader('Nonsense'), 400],
  ['no name', withHeader(': x'), 400],
  ['a space before the colon', withHeader('X-A : x'), 400],
  ['a value on two lines', withHeader('X-A: x\r\n y'), 400],
  ['a first line that goes on', get(`GET ${VERSION} HTTP/1.1`, ` x: y\r\n${HOST}`), 400],
  ['a NUL in a value', withHeader('X-A: x\0y'), 400],
  ['a CR in a value', withHeader('X-A: x\ry'), 400],
  ['lines that end in LF', `GET ${VERSION} HTTP/1.1\nHost: localhost\n\n`, 400],
  ['a control character in a name', withHeader('X\x01A: x'), 400],
  ['a parenthesis in a name', withHeader('X(A): x'), 400],
  ['a value of 20,000 bytes', withHeader(`X-A: ${'x'.repeat(20_000)}`), 431],
  ['3,000 headers', withHeader('X-A: x\r\n'.repeat(3_000).trimEnd()), 431],
  ['a head that breaks off', `POST ${START} HTTP/1.1\r\n${HOST}`, 400],
  ['an expectation that nobody knows', post('Content-Length: 19\r\nExpect: more\r\n', BODY), 417],
  ['a key that is none', post('Content-Length: 19\r\nIdempotency-Key: \x80\r\n', BODY), 400],
  ['two keys', post('Content-Length: 19\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\n', BODY), 400],
  ['an Origin that is none', post('Content-Length: 19\r\nOrigin: http://[\r\n', BODY), 403],
  ['cookies that are none', withHeader('Cookie: procos_session=%ff; ;=;=='), 200],
  ['a user that is no name', withHeader('X-Procos-User: a\x80b'), 200],
];

const LENGTHS: readonly Case[] = [
  ['a length and chunks', post(`Content-Length: 5\r\n${CHUNKED}`, `${LAST}POST ${START} HTTP/1.1\r\n${HOST}\r\n`), 400],
  ['chunks and a length', post(`${CHUNKED}Content-Length: 5\r\n`, LAST), 400],
  ['two lengths', post('Content-Length: 19\r\nContent-Length: 5\r\n', BODY), 400],
  ['the same length twice', post('Content-Length: 19\r\nContent-Length: 19\r\n', BODY), 400],
  ['a list of lengths', post('Content-Length: 19, 19\r\n', BODY), 400],
  ['a length below zero', post('Content-Length: -1\r\n', BODY), 400],
  ['a length with a plus', post('Content-Length: +19\r\n', BODY), 400],
  ['a length in hexadecimal', post('Content-Length: 0x13\r\n', BODY), 400],
  ['a length that is a word', post('Content-Length: x\r\n', BODY), 400],
  ['an empty length', post('Content-Length:\r\n', BODY), 400],
  ['a length in two parts', post('Content-Length: 1 9\r\n', BODY), 400],
  ['a length with a fraction', post('Content-Length: 19.0\r\n', BODY), 400],
  ['a length beyond 64 bits', post('Content-Length: 99999999999999999999\r\n', BODY), 400],
  ['a length of a terabyte, whose rest does not come', post('Content-Length: 1000000000000\r\n', BODY), 413],
  ['a length of which half comes', post('Content-Length: 38\r\n', BODY), 400],
  ['a coding that nobody knows', post('Transfer-Encoding: xchunked\r\n', BODY), 501],
  ['a coding that is not read', post('Transfer-Encoding: gzip\r\n', BODY), 501],
  ['a coding under the chunks', post('Transfer-Encoding: gzip, chunked\r\n', AS_CHUNK + LAST), 501],
  ['a coding over the chunks', post('Transfer-Encoding: chunked, identity\r\n', AS_CHUNK + LAST), 400],
  ['chunks twice', post(CHUNKED + CHUNKED, AS_CHUNK + LAST), 400],
  ['chunks behind a vertical tab', post('Transfer-Encoding:\x0bchunked\r\n', AS_CHUNK + LAST), 400],
  ['chunks behind a space', post('Transfer-Encoding : chunked\r\n', AS_CHUNK + LAST), 400],
  ['chunks in HTTP/1.0', post(CHUNKED, AS_CHUNK + LAST).replace('HTTP/1.1', 'HTTP/1.0'), 400],
  ['a chunk whose size is none', post(CHUNKED, `zz\r\n${BODY}\r\n${LAST}`), 400],
  ['a chunk whose size is below zero', post(CHUNKED, `-1\r\n${BODY}\r\n${LAST}`), 400],
  ['a chunk whose size is beyond 64 bits', post(CHUNKED, `fffffffffffffffff\r\n${BODY}\r\n${LAST}`), 400],
  ['a chunk larger than its size', post(CHUNKED, `5\r\n${BODY}\r\n${LAST}`), 400],
  ['a chunk smaller than its size', post(CHUNKED, `30\r\n${BODY}\r\n${LAST}`), 400],
  ['a chunk without its end', post(CHUNKED, `13\r\n${BODY}${LAST}`), 400],
  ['chunks whose lines end in LF', post(CHUNKED, `13\n${BODY}\n0\n\n`), 400],
  ['chunks without the last', post(CHUNKED, AS_CHUNK), 400],
  ['an extension that ends in LF', post(CHUNKED, `13;\n${BODY}\r\n${LAST}`), 400],
  ['an extension of 20,000 bytes', post(CHUNKED, `13;${'x'.repeat(20_000)}\r\n${BODY}\r\n${LAST}`), 413],
  ['a trailer with a length', post(CHUNKED, `${AS_CHUNK}0\r\nContent-Length: 5\r\n\r\n`), 400],
  ['a trailer of 20,000 bytes', post(CHUNKED, `${AS_CHUNK}0\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`), 431],
];

const TYPES: readonly Case[] = [
  ['no type', typed(''), 415],
  ['a type of others', typed('Content-Type: text/plain\r\n'), 415],
  ['a type that is none', typed('Content-Type: nonsense\r\n'), 415],
  ['a type that begins like ours', typed('Content-Type: application/jsonx\r\n'), 415],
  ['a list of types', typed('Content-Type: application/json, text/plain\r\n'), 415],
  ['a form where none is taken', typed('Content-Type: multipart/form-data; boundary=b\r\n', '--b--\r\n'), 415],
  ['a form without a boundary', typed('Content-Type: multipart/form-data\r\n'), 415],
  ['a body that is packed, as it says', post('Content-Encoding: gzip\r\nContent-Length: 19\r\n', BODY), 415],
  ['bytes that are no UTF-8', post('Content-Length: 20\r\n', '{"businessKey":"\xff\xfe"}'), 400],
  ['UTF-16', post('Content-Length: 38\r\n', Buffer.from(BODY, 'utf16le').toString('latin1')), 400],
  ['an unknown path with a body', post('Content-Length: 19\r\n', BODY, '/nowhere'), 404],
];

/** What is whole is answered, whatever comes after it; what comes after it is answered, too, and then no more. */
const TRAINS: readonly Case[] = [
  ['two at once', get(`GET ${VERSION} HTTP/1.1`).repeat(2), 200, 200],
  ['one and nonsense', `${get(`GET ${VERSION} HTTP/1.1`)}NONSENSE\r\n\r\n`, 200, 400],
  ['one, one too long, one', `${get(`GET ${VERSION} HTTP/1.1`)}${withHeader(`X: ${'x'.repeat(20_000)}`)}`, 200, 431],
  [
    'more of a body than its length',
    post('Content-Length: 19\r\n', `${BODY.replace('x', 'y')}MORE`, '/nowhere'),
    404,
    400,
  ],
  [
    'one that is refused for its type, and one',
    `${typed('Content-Type: text/plain\r\n')}${get(`GET ${VERSION} HTTP/1.1`)}`,
    415,
    200,
  ],
];

describe('what is no HTTP', () => {
  let system: System;
  let started = 0;
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'waiting.bpmn': WAITING });
    started = system.kernel.engine.count('processInstances');
  });
  after(() => system.stop());

  for (const [group, cases] of Object.entries({ LINES, HEADERS, LENGTHS, TYPES, TRAINS })) {
    for (const [title, bytes, ...statuses] of cases) {
      it(`${group.toLowerCase()}: ${title}`, async () => {
        const answers = await exchange(Number(new URL(system.url).port), Buffer.from(bytes, 'latin1'));
        assert.deepEqual(
          answers.map(({ status }) => status),
          statuses,
          JSON.stringify(answers),
        );
        for (const { status, type, body } of answers.filter((one) => one.status >= 400)) {
          assert.equal(type, 'application/json', `${status} ${body}`);
          assert.equal(typeof (JSON.parse(body) as { message: unknown }).message, 'string');
        }
      });
    }
  }

  it('is answered in the words of the face, as far as it is known which', async () => {
    const port = Number(new URL(system.url).port);
    for (const [path, members] of [
      ['/engine-rest/version', 'type,message,code'],
      ['/v2/topology', 'type,title,status,detail,instance'],
      ['/api/system', 'code,message'],
    ] as const) {
      for (const bytes of [
        `GET ${path} HTTP/1.1\r\nX A: 1\r\n\r\n`,
        `GET ${path} HTTP/1.1\r\n${HOST}${CHUNKED}\r\nzz\r\n`,
      ]) {
        const [answer] = await exchange(port, Buffer.from(bytes));
        assert.equal(answer?.status, 400);
        assert.equal(Object.keys(JSON.parse(answer.body) as object).join(), members, path);
      }
    }
  });

  it('starts nothing, and the server takes what is whole afterwards', async () => {
    assert.equal(system.kernel.engine.count('processInstances'), started);
    // With a mark of the byte order and an extension, as HTTP and Camunda allow.
    const bytes = post('Content-Length: 22\r\n', `\xef\xbb\xbf${BODY}`) + post(CHUNKED, `13;a=b\r\n${BODY}\r\n${LAST}`);
    const answers = await exchange(Number(new URL(system.url).port), Buffer.from(bytes, 'latin1'));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    );
    assert.equal(system.kernel.engine.count('processInstances'), started + 2);
  });
});

interface Answered {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Sends all of it, says that there is no more, and reads to the end. */
function exchange(port: number, bytes: Buffer): Promise<readonly Answered[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const parts: Buffer[] = [];
    socket.on('data', (part) => parts.push(part));
    socket.on('error', reject);
    socket.on('close', () => resolve(answersIn(Buffer.concat(parts))));
    socket.on('end', () => socket.end());
    socket.write(bytes);
    socket.end();
  });
}

function answersIn(bytes: Buffer): readonly Answered[] {
  const answers: Answered[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\r\n\r\n', at);
    assert.ok(end > 0, `no answer: ${bytes.subarray(at).toString('latin1')}`);
    const head = bytes.toString('latin1', at, end);
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    answers.push({
      status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]),
      type: /^content-type: (.*)$/im.exec(head)?.[1] ?? '',
      body: bytes.toString('utf8', end + 4, end + 4 + length),
    });
    at = end + 4 + length;
  }
  return answers;
}

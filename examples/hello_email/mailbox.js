// A mail server for trying out: takes every mail on a loopback port and prints it. Usage: node mailbox.js [port]
import { SMTPServer } from 'smtp-server';

const port = Number(process.argv[2] ?? 2525);

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  size: 1024 * 1024,
  onData(stream, session, done) {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
      const to = session.envelope.rcptTo.map(({ address }) => address).join(', ');
      console.log(`--- mail for ${to}\n${Buffer.concat(chunks).toString('utf8')}`);
      done();
    });
  },
});
server.on('error', (error) => {
  console.error(`mailbox: ${error.message}`);
  process.exitCode = 1;
});
server.listen(port, '127.0.0.1', () => console.log(`Mailbox on 127.0.0.1:${server.server.address().port}`));

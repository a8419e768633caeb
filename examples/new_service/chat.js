// A chat service for trying out: takes posts on a loopback port, prints them, and registers with ProcOS. Usage: node chat.js [port]
import { createServer } from 'node:http';

const procos = process.env.PROCOS_URL ?? 'http://127.0.0.1:8080';
let last = 0;

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const answer = (status, value) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (request.url === '/health') return answer(200, {});
  if (request.method !== 'POST' || request.url !== '/messages') return answer(404, {});
  const { channel, text } = JSON.parse(body);
  if (channel === 'closed') return answer(403, { reason: 'nobody may post here' });
  last += 1;
  console.log(`#${channel}: ${text}`);
  answer(201, { id: last });
});

server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', async () => {
  const endpoint = `http://127.0.0.1:${server.address().port}`;
  const about = { id: 'chat-1', name: 'chat', version: '1', endpoint, healthUrl: `${endpoint}/health` };
  const register = () =>
    fetch(`${procos}/api/services`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(about),
    }).catch((error) => console.error(`${procos} cannot be reached: ${error.message}`));
  await register();
  setInterval(register, 30_000);
  console.log(`Chat at ${endpoint}`);
});

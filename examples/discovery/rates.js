// An exchange-rate service for trying out; start as many as you like. Usage: node rates.js ID [port]
import { createServer } from 'node:http';

const procos = process.env.PROCOS_URL ?? 'http://127.0.0.1:8080';
const id = process.argv[2] ?? 'rates-1';

const server = createServer((request, response) => {
  if (request.url === '/health') response.end('well');
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ rate: 1.08, by: id }));
});

server.listen(Number(process.argv[3] ?? 0), '127.0.0.1', async () => {
  const endpoint = `http://127.0.0.1:${server.address().port}`;
  const about = { id, name: 'rates', version: '1', endpoint, healthUrl: `${endpoint}/health`, tags: ['finance'] };
  const register = () =>
    fetch(`${procos}/api/services`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(about),
    }).catch((error) => console.error(`${procos} cannot be reached: ${error.message}`));
  await register();
  setInterval(register, 30_000);
  console.log(`${id} at ${endpoint}`);
});

// Charges cards, with Camunda 7's published JavaScript client. Usage: node charge.js
import { Client, Variables } from 'camunda-external-task-client-js';

const procos = process.env.PROCOS_URL ?? 'http://127.0.0.1:8080';
const client = new Client({ baseUrl: `${procos}/engine-rest`, workerId: 'charge', asyncResponseTimeout: 20_000 });

client.on('poll:error', (error) => console.error(`${procos} cannot be asked: ${error.message}`));
client.subscribe('charge_card', async ({ task, taskService }) => {
  const { amount, currency } = task.variables.get('bill');
  await taskService.complete(task, new Variables().set('receipt', `${amount} ${currency}, task ${task.id}`));
  console.log(`charged ${amount} ${currency} for process instance ${task.processInstanceId}`);
});
console.log('charge_card: waiting for work');

/** A worker host for tests: says what a host says; its behaviour is its first argument. */
import { whileStandingStill } from './standstill.ts';

const behaviour = process.argv[2] ?? 'good';

const say = (message: Record<string, unknown>): void => {
  process.send?.(message);
};

process.on('disconnect', () => process.exit(0));
process.on('message', (message: { type: string }) => {
  if (message.type === 'drain' && behaviour !== 'stubborn') say({ type: 'drained' });
});
process.on('SIGTERM', () => process.exit(0));

if (behaviour === 'broken') process.exit(3);
if (behaviour !== 'mute') {
  say({ type: 'log', level: 'info', event: 'host_says', text: 'here I am', fields: { answer: 42 } });
  if (behaviour === 'alive') {
    say({ type: 'alive' });
    setInterval(() => {
      whileStandingStill();
      say({ type: 'alive' });
    }, 20);
  }
  say({ type: 'ready', topics: ['mail', 'file'] });
}
// Stays until it is told to go.
setInterval(() => {}, 60_000);

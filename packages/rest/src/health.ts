/** `/health/live` and `/health/ready`: for whoever watches the server and has no name here. They tell nothing else. */
import { Answer, type Call, type Declare } from './call.ts';

export function healthRoutes(route: Declare): void {
  route('GET', '/health/live', 'health.read', () => ({ status: 'live' }));
  route('GET', '/health/ready', 'health.read', ready);
}

/** 503 until PID 1 waits for work, and once the system shuts down. */
function ready({ kernel }: Call): unknown {
  const { phase } = kernel.status();
  return phase === 'ready' ? { status: phase } : new Answer(503, { status: phase });
}

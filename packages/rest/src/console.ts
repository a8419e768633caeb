/** Serves the built web console at `/`: its files, and its index page at the address of every page; whoever opens another address in a browser is told so by it. */
import { stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { isConsolePage } from '@procos/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>ProcOS</title>
<body style="font-family: system-ui; margin: 4rem auto; max-width: 40rem">
<h1>ProcOS is running</h1><p>The web console is not built. Run <code>npm run build --workspace @procos/console</code>
and start again. The REST faces work: <a href="/api/system">/api/system</a>, <a href="/engine-rest/engine">/engine-rest</a>, <a href="/v2/topology">/v2</a>.</p>`;

/** Paths of the faces: what is unknown there is told in their own words, to browsers too. */
const FACES = /^(api|engine-rest|v2|proc|health|\.well-known)(\/|$)/;

export async function consoleRoutes(app: FastifyInstance, directory: string | undefined): Promise<void> {
  const built = directory !== undefined && (await isFile(join(directory, 'index.html')));
  const root = built ? resolve(directory) : undefined;
  app.get('/*', { exposeHeadRoute: true, config: { action: 'console.read' } }, async (request, reply) => {
    const path = (request.params as { readonly '*': string })['*'];
    const file = root !== undefined && path !== '' ? resolve(root, path) : undefined;
    if (root !== undefined && file?.startsWith(root + sep) && (await isFile(file)))
      return sendFile(request, reply.header('cache-control', cacheRule(path)), path, root);
    const known = isConsolePage(path);
    if (!known && (root === undefined || FACES.test(path) || !request.headers.accept?.includes('text/html')))
      return reply.callNotFound();
    if (root === undefined) return reply.type('text/html').send(NOT_BUILT);
    return sendFile(request, reply.code(known ? 200 : 404).header('cache-control', 'no-cache'), 'index.html', root);
  });
}

/** With what is asked of a file under conditions or in part; a status that is set already stays in the place of 200. */
async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  path: string,
  root: string,
): Promise<FastifyReply> {
  // Loaded here: no face needs it.
  const { send } = await import('@fastify/send');
  const sent = await send(request.raw, encodeURI(path), { root, cacheControl: false });
  if (sent.statusCode === 404) {
    reply.callNotFound();
    return reply;
  }
  if (sent.type === 'error') throw sent.metadata.error;
  if (reply.statusCode === 200) reply.code(sent.statusCode);
  return reply.headers(sent.headers).send(sent.stream);
}

/** The bundler puts a hash into the names below `assets/`. */
function cacheRule(path: string): string {
  return path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

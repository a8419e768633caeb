/** Bundles the console into dist/: no inlined assets and no inline script, for the server's content security policy. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = process.env['PROCOS_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // bpmn-js and form-js are whole libraries in chunks of their own, loaded when a diagram or form is first shown.
    chunkSizeWarningLimit: 900,
  },
  server: { proxy: { '/api': server, '/engine-rest': server } },
});

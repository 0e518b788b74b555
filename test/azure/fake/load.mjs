/** The fake for programs that run without a TypeScript loader: bundled in memory. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('index.ts', import.meta.url))],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  write: false,
});

const { backupReader, contoso, demoTenant, principal, reader, scaledTenant, standInCli, startFakeAzure } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
);

export { backupReader, contoso, demoTenant, principal, reader, scaledTenant, standInCli, startFakeAzure };

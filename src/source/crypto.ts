/** Node's crypto, loaded when the first hash is needed: it takes a tenth of the start of a small run. */
import { createRequire } from 'node:module';

export function crypto(): typeof import('node:crypto') {
  return createRequire(import.meta.url)('node:crypto');
}

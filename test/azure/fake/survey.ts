/** The reading side of the audit, in this process, against a fake: the real pipeline and Microsoft's client, with its certificate. */
import { getEventListeners } from 'node:events';
import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import { type Inventory, type InventoryRow, Recording, type Scope } from '../../../src/azure/inventory.ts';
import { Stop } from '../../../src/azure/stop.ts';
import { survey } from '../../../src/azure/survey.ts';
import type { FakeAzure } from './server.ts';

export interface Surveyed {
  readonly inventory: Inventory;
  readonly rows: readonly InventoryRow[];
  /** Lines of the recording. */
  readonly lines: readonly string[];
  /** What still waits for the audit to be stopped. */
  readonly listening: number;
}

export async function surveyFake(
  fake: FakeAzure,
  scope: Scope = { managementGroup: 'contoso' },
  { deep = false, seconds = 60 }: { readonly deep?: boolean; readonly seconds?: number } = {},
): Promise<Surveyed> {
  const inner = createDefaultHttpClient();
  const lines: string[] = [];
  const stop = new Stop(seconds);
  const recording = await survey(
    {
      cloud: { name: 'AzureCloud', arm: fake.origin, authority: 'https://login.microsoftonline.com' } as never,
      credential: { getToken: async () => ({ token: fake.token, expiresOnTimestamp: Date.now() + 3_600_000 }) },
      stop,
      version: 'test',
      retryDelay: 1,
      httpClient: {
        sendRequest(request) {
          request.tlsSettings = { ca: fake.certificate.cert };
          return inner.sendRequest(request);
        },
      },
    },
    scope,
    deep,
    (readAt) =>
      new Recording({ version: 1, cloud: 'AzureCloud', scope, readAt: readAt.toISOString(), deep }, (line) =>
        lines.push(line),
      ),
  );
  stop.over();
  const inventory = recording.inventory();
  return { inventory, rows: [...inventory.rows], lines, listening: getEventListeners(stop.signal, 'abort').length };
}

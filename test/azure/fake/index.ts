/** A fake Azure Resource Manager, for tests and for trying the audit out. */
export { type SignedIn, type StandInCli, standInCli } from './az.ts';
export { principal } from './rest.ts';
export { type Size, scaledTenant } from './scale.ts';
export { type Exchange, type FakeAzure, type FakeOptions, startFakeAzure } from './server.ts';
export { type Answer, backupReader, type Fault, type Rights, reader, type Switches } from './switches.ts';
export { contoso, demoTenant } from './tenant.ts';

/** `init`: a configuration that fits, that works as it is, and whose comments work once they are none. */
import { expect, test } from 'vitest';
import { main } from '../src/main.ts';
import { memoryIo } from './memory.ts';

type Files = Readonly<Record<string, string>>;

async function run(args: readonly string[], files: Files) {
  const io = memoryIo(Object.fromEntries(Object.entries(files).map(([name, text]) => [`/repo/${name}`, text])));
  const code = await main(args, '1.2.3', io);
  return { code, out: io.out.text, err: io.err.text, written: io.written };
}

async function init(files: Files, args: readonly string[] = []): Promise<string> {
  const { code, err, written } = await run(['init', ...args], files);
  expect([code, err]).toEqual([0, '']);
  expect([...written.keys()]).toEqual(['/repo/azure-backup-lint.yaml']);
  return written.get('/repo/azure-backup-lint.yaml')!;
}

const machine = `resource "azurerm_linux_virtual_machine" "vm" {
  name                  = "vm"
  location              = "westeurope"
  resource_group_name   = "rg"
  size                  = "Standard_B2s"
  admin_username        = "u"
  network_interface_ids = []
  os_disk {
    caching              = "None"
    storage_account_type = "Standard_LRS"
  }
}
`;
const vault = `resource "azurerm_recovery_services_vault" "v" {
  name                = "rsv"
  location            = "westeurope"
  resource_group_name = "rg"
  sku                 = "Standard"
}
`;

test.each([[[]], [['--lang', 'ja']]])('it is read without complaint and changes no verdict (%j)', async (args) => {
  const files = { 'main.tf': machine + vault };
  const text = await init(files, args);
  const before = await run(['lint'], files);
  const after = await run(['lint'], { ...files, 'azure-backup-lint.yaml': text });
  expect([after.code, after.out, after.err]).toEqual([before.code, before.out, before.err]);
});

test('every commented key is right once its sign is gone', async () => {
  const text = await init({ 'main.tf': machine, 'env/prod.tfvars': '', 'env/dev.tfvars': '' });
  const keys = text.split('\n').filter((line) => /^# \w+:/.test(line) && !line.includes('yaml-language-server'));
  expect(keys.length).toBeGreaterThanOrEqual(7);
  const all = text.replaceAll(/^# (?=\w+:)/gm, '');
  const files = {
    'main.tf': machine,
    'env/dev.tfvars': '',
    'env/prod.tfvars': '',
    'azure-backup-lint.baseline.json': '{"version": 1, "findings": []}',
    'azure-backup-lint.yaml': all,
  };
  const { code, err } = await run(['lint', '--fail-on', 'never'], files);
  expect([code, err]).toEqual([0, '']);
});

test('it names what was found', async () => {
  const text = await init({
    'infra/main.tf': machine,
    'infra/env/prod.tfvars': '',
    'infra/env/test.tfvars.json': '{}',
    'infra/terraform.tfvars': '',
    'infra/x.auto.tfvars': '',
    'examples/one/main.tf': vault,
    'env/dev/main.tf': vault,
    'app.bicep': 'param x string\n',
  });
  expect(text).toContain('Found here: Terraform (3), Bicep (1), azure-vm\n');
  expect(text).toContain('# exclude: ["examples/**"]\n');
  expect(text).toContain('paths: ["env/dev/**"]');
  expect(text).toContain(
    '# terraform: { varFiles: ["infra/env/prod.tfvars","infra/env/test.tfvars.json"] }'.replace(',', ', '),
  );
  expect(text).toContain('kind: [azure-vm]');
  expect(text).toContain('# backup: { declaredHere: true }');
});

test('one variable file of one root module is used', async () => {
  const text = await init({ 'main.tf': machine, 'prod.tfvars': '' });
  expect(text).toContain('\nterraform: { varFiles: ["prod.tfvars"] }\n');
});

test('where nothing is backed up it asks whether that is elsewhere', async () => {
  expect(await init({ 'main.tf': machine })).toContain('# backup: { declaredHere: false }');
});

test('an empty folder gets one too', async () => {
  expect(await init({})).toContain('\nprofile: recommended\n');
});

test.each(['azure-backup-lint.yaml', 'azure-backup-lint.yml', 'azure-backup-lint.json'])('%s stays', async (name) => {
  const { code, out, err, written } = await run(['init'], { [name]: '{}' });
  expect([code, out, written.size]).toEqual([2, '', 0]);
  expect(err).toContain(name);
});

test('names of folders cannot write keys', async () => {
  const text = await init({ 'a\nrules: 1/examples/x/main.tf': vault, 'main.tf': machine });
  expect(text).not.toMatch(/^rules/m);
  expect(text).toContain('a\\nrules: 1/examples/**');
});

/**
 * A generated estate of root modules with ten local modules each: ten times as many take ten times as long.
 * A ratio within one run, above linting an empty folder. Bound: 13 times the CPU.
 *
 *   node bench/terraform.mjs [ROUNDS]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = process.env.PROGRAM ?? fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const rounds = Number(process.argv[2] ?? 5);
const folder = mkdtempSync(join(tmpdir(), 'bench-terraform-'));
const script = join(folder, 'measure.mjs');
writeFileSync(
  script,
  `process.on('exit', () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  process.stderr.write(JSON.stringify((userCPUTime + systemCPUTime) / 1e6) + '\\n');
});
await import(${JSON.stringify(program)});
`,
);

const sizes = [0, 10, 100];
const places = sizes.map((roots) => {
  const place = join(folder, String(roots));
  mkdirSync(place);
  for (let i = 0; i < roots; i++) estate(join(place, `root-${i}`), i);
  return place;
});
const measured = places.map(() => []);
for (let round = 0; round < rounds; round++)
  for (const [i, place] of places.entries()) measured[i].push(measure(place));
rmSync(folder, { recursive: true });

const [base, small, large] = measured.map((all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)]);
const growth = (large - base) / (small - base);
console.log(`an empty folder  ${base.toFixed(2)} s CPU`);
console.log(`10 root modules  ${(small - base).toFixed(2)} s beyond that`);
console.log(`100 root modules ${(large - base).toFixed(2)} s: ${growth.toFixed(1)} times (bound 13)`);
process.exitCode = growth > 13 ? 1 : 0;

function measure(place) {
  const { stderr, status } = spawnSync(process.execPath, [script, 'lint', '.', '--fail-on', 'never'], {
    cwd: place,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${place} ended with ${status}: ${stderr.slice(0, 2000)}`);
  return JSON.parse(stderr.trim().split('\n').at(-1));
}

function estate(place, number) {
  mkdirSync(place);
  const calls = [];
  for (let i = 0; i < 10; i++) {
    const module = join(place, 'modules', `m${i}`);
    mkdirSync(module, { recursive: true });
    writeFileSync(join(module, 'main.tf'), body(i));
    calls.push(`module "m${i}" {
  source   = "./modules/m${i}"
  name     = "r${number}m${i}"
  location = "West Europe"
  policies = { daily = 30, weekly = 60 }
}
`);
  }
  writeFileSync(
    join(place, 'main.tf'),
    `terraform {
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.80"
    }
  }
}

provider "azurerm" {
  features {}
}

${calls.join('\n')}`,
  );
}

function body(i) {
  return `variable "name" {
  type = string
}

variable "location" {
  type = string
}

variable "policies" {
  type = map(number)
}

locals {
  machines = { for i in range(3) : "vm-\${i}" => { size = "Standard_D2s_v5", policy = i == 0 ? "daily" : "weekly" } }
}

resource "azurerm_resource_group" "this" {
  name     = "rg-\${var.name}-${i}"
  location = var.location
}

resource "azurerm_recovery_services_vault" "this" {
  name                = "rsv-\${var.name}"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  sku                 = "Standard"
}

resource "azurerm_backup_policy_vm" "this" {
  for_each            = var.policies
  name                = "policy-\${each.key}"
  resource_group_name = azurerm_resource_group.this.name
  recovery_vault_name = azurerm_recovery_services_vault.this.name

  backup {
    frequency = "Daily"
    time      = "23:00"
  }

  retention_daily {
    count = each.value
  }
}

resource "azurerm_linux_virtual_machine" "this" {
  for_each            = local.machines
  name                = "\${var.name}-\${each.key}"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  size                = each.value.size

  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "Premium_LRS"
  }
}

resource "azurerm_backup_protected_vm" "this" {
  for_each            = local.machines
  resource_group_name = azurerm_resource_group.this.name
  recovery_vault_name = azurerm_recovery_services_vault.this.name
  source_vm_id        = azurerm_linux_virtual_machine.this[each.key].id
  backup_policy_id    = azurerm_backup_policy_vm.this[each.value.policy].id
}
`;
}

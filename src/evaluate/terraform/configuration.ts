/**
 * A Terraform root module -> the resources that it declares.
 * Takes the root folder and the values of its variables; follows local modules, expands count and for_each, and gives every
 * resource instance with its evaluated body. What Terraform itself would only learn at apply stays a name or unknown.
 */
import type { Expression } from '../../parse/expression.ts';
import type { Block } from '../../parse/hcl-tree.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import { limits } from '../../source/limits.ts';
import type { Reader } from '../../source/reader.ts';
import { type Origin, sameOrigin } from '../../source/source.ts';
import type { Budget, Environment, Language } from '../evaluate.ts';
import {
  type Action,
  type AddressChanges,
  backupAction,
  type Configuration,
  type OpaqueModule,
  orderedTypes,
  type ProviderBlock,
  type Resource,
} from '../resource.ts';
import { memberOf, type Obj, object, unknown, type Value } from '../value.ts';
import { bothGuards, type Each } from './expansion.ts';
import { filesFrom } from './file-access.ts';
import { InstalledModules } from './installed-modules.ts';
import { terraformLanguage } from './language.ts';
import { attributeOf, isLocalSource, literalOf, type ModuleCache, placeOf, type TerraformModule } from './module.ts';
import { type Evaluation, ModuleInstance, type RootVariable } from './module-instance.ts';
import { TerraformOrder } from './order.ts';
import { ProviderVersions } from './provider.ts';
import { mayReachAzure } from './provisioners.ts';
import { addressIn, destroysIn, forgottenBy, lifecycleOf, writtenProvider } from './references.ts';

export interface TerraformOptions {
  readonly reader: Reader;
  /** Values from tfvars files and options, the strongest already chosen; by variable name. */
  readonly variables: ReadonlyMap<string, RootVariable>;
  /** Parsed once per run, whoever calls them. */
  readonly modules: ModuleCache;
}

export function evaluateTerraform(module: TerraformModule, options: TerraformOptions): Configuration {
  return new RootEvaluation(module, options).run();
}

class RootEvaluation implements Evaluation {
  readonly #options: TerraformOptions;
  readonly #root: TerraformModule;
  readonly #language: Language;
  readonly #budget: Budget = { steps: 0 };
  readonly #providers = new ProviderVersions();
  readonly #providerBlocks: ProviderBlock[] = [];
  readonly #seen = new Set<TerraformModule>();
  readonly #resources: Resource[] = [];
  readonly #opaque: OpaqueModule[] = [];
  readonly #actions: Action[] = [];
  readonly #addresses: { [Kind in keyof AddressChanges]: AddressChanges[Kind][number][] } = { moved: [], removed: [] };
  readonly #modules = new Map<Block, Configuration['modules'][number]>();
  readonly #installed: InstalledModules;
  readonly rest = new WeakMap<Value, Each>();
  readonly #order = new TerraformOrder();
  #calls = 0;
  readonly #instances = { modules: 0, resources: 0 };

  constructor(root: TerraformModule, options: TerraformOptions) {
    this.#root = root;
    this.#options = options;
    this.#installed = new InstalledModules(root.folder, options.reader);
    this.#language = terraformLanguage(filesFrom(root.folder, options.reader));
  }

  run(): Configuration {
    this.#providers.lock(this.#root.folder, this.#options.reader);
    const modules = this.#descend(new ModuleInstance(this, this.#root, '', undefined, []));
    for (const module of modules) this.#collect(module);
    const { exceeded } = this.#budget;
    if (exceeded)
      this.tell({
        code: 'terraform-too-much-work',
        severity: 'error',
        message: `This is not evaluated: ${exceeded.because}.`,
        help: 'What depends on it is not judged; write it in a simpler way.',
        at: exceeded.at,
      });
    return {
      name: this.reader.display(this.#root.folder),
      language: 'terraform',
      resources: this.#resources,
      opaque: this.#opaque,
      actions: this.#actions,
      providers: this.#providerBlocks,
      addresses: this.#addresses,
      modules: [...this.#modules.values()],
      perhapsPart: this.#perhapsPart(),
      at: placeOf(this.#root),
    };
  }

  /** Providers are set up in root modules, and azurerm cannot do without; modules that are called leave values to their caller. */
  #perhapsPart(): string | undefined {
    if (this.#root.providers.length > 0) return undefined;
    for (const [name, block] of this.#root.variables)
      if (!attributeOf(block, 'default') && !this.rootVariable(name))
        return `it may be a module that others call: it has no provider block, and variable "${name}" has no value`;
    return undefined;
  }

  get reader(): Reader {
    return this.#options.reader;
  }

  get rootFolder(): string {
    return this.#root.folder;
  }

  environment(scope: Environment['scope']): Environment {
    return { language: this.#language, scope, budget: this.#budget };
  }

  rootVariable(name: string): RootVariable | undefined {
    return this.#options.variables.get(name);
  }

  tell(diagnostic: Diagnostic): void {
    const { code, message, at } = diagnostic;
    const told = this.reader.log.some(
      (other) => other.code === code && other.message === message && sameOrigin(other.at, at),
    );
    if (!told) this.reader.log.push(diagnostic);
  }

  moduleOf(call: Block, caller: ModuleInstance): TerraformModule | string {
    const source = attributeOf(call, 'source')?.value;
    const found = this.#find(source, call, caller);
    this.#modules.set(call, {
      source: literalOf(source) ?? '',
      resolved: typeof found !== 'string',
      at: source ?? call.head,
    });
    return found;
  }

  #find(source: Expression | undefined, call: Block, caller: ModuleInstance): TerraformModule | string {
    const name = literalOf(source);
    if (name === undefined) return 'its source is not a plain text';
    if (!isLocalSource(name)) {
      const path = [...caller.path, call.labels[0]?.text ?? ''].join('.');
      const installed = this.#installed.folderOf(path, name, literalOf(attributeOf(call, 'version')?.value));
      if ('because' in installed) return installed.because;
      return this.#options.modules.get(installed.folder) ?? 'its folder holds no Terraform file';
    }
    const found = this.reader.resolve(caller.module.folder, name);
    if (found && 'refused' in found) return found.refused;
    if (!found) {
      this.tell({
        code: 'module-missing',
        severity: 'error',
        message: `The folder of the local module "${name}" does not exist.`,
        help: 'Check the path; it is relative to the folder of the file that calls the module.',
        at: source!,
      });
      return 'its folder does not exist';
    }
    return this.#options.modules.get(found.path) ?? 'its folder holds no Terraform file';
  }

  countCall(): boolean {
    return ++this.#calls <= limits.moduleCalls;
  }

  admit(wanted: number, kind: 'modules' | 'resources', what: string, at: Origin): number {
    const left = limits.instancesPerConfiguration - this.#instances[kind];
    const admitted = Math.min(wanted, limits.instances, left);
    this.#instances[kind] += admitted;
    if (admitted === wanted) return wanted;
    const [count, bound] =
      wanted > limits.instances
        ? [`${what} would have ${wanted} instances`, limits.instances]
        : ['The configuration has too many instances', limits.instancesPerConfiguration];
    this.tell({
      code: 'too-many-instances',
      severity: 'error',
      message: `${count}; at most ${bound} are read.`,
      at,
    });
    return admitted;
  }

  /** The module and all that it calls, the callers first. */
  #descend(module: ModuleInstance): ModuleInstance[] {
    if (!this.#seen.has(module.module)) {
      this.#seen.add(module.module);
      this.#providers.add(module.module);
      for (const { what, at, because, told } of module.module.unread)
        this.#opaque.push({ source: what, at, address: what, because, arguments: object(new Map(), at), told });
      for (const block of module.module.removed) this.#opaque.push(...forgottenBy(block, module.address));
    }
    for (const block of module.module.moved) {
      const [from, to] = ['from', 'to'].map((name) => addressIn(block, name, module.address));
      if (from !== undefined && to !== undefined) this.#addresses.moved.push({ from, to });
    }
    for (const block of module.module.removed) {
      const from = addressIn(block, 'from', module.address);
      if (from !== undefined) this.#addresses.removed.push({ from, destroys: destroysIn(block) });
    }
    const found = [module];
    for (const [name, block] of module.module.calls) {
      this.moduleOf(block, module);
      for (const { what: child } of module.childrenOf(name, block).instances) {
        if (child instanceof ModuleInstance) for (const inner of this.#descend(child)) found.push(inner);
        else this.#opaque.push(child.opaque());
      }
    }
    return found;
  }

  #collect(module: ModuleInstance): void {
    this.#order.add(module.path, module.module);
    for (const block of module.module.providers)
      if (block.labels[0]?.text === 'azurerm') this.#providerBlocks.push(module.providerBlock(block));
    for (const [name, block] of module.module.resources) this.#collectResource(module, 'resource', name, block);
    for (const [name, block] of module.module.data) this.#collectResource(module, 'data', name, block);
    for (const [name, block] of module.module.actions)
      if (block.labels[0]!.text === backupAction) this.#collectAction(module, name, block);
  }

  #collectResource(module: ModuleInstance, kind: 'resource' | 'data', name: string, block: Block): void {
    const type = block.labels[0]!.text;
    // Data sources matter only as things that exist elsewhere and may be linked to.
    if (kind === 'data' && !type.startsWith('azurerm_') && !type.startsWith('azapi_')) return;
    const provisioners = block.body.blocks.filter((inner) => inner.type === 'provisioner');
    const runsCommands = mayReachAzure(provisioners, module.env);
    const lifecycle = lifecycleOf(block);
    for (const instance of module.resourceOf(kind, name, block).instances) {
      const body = instance.what.body();
      const providerName = writtenProvider(attributeOf(block, 'provider')?.value) ?? type.split('_')[0]!;
      const maybe = module.maybe || instance.maybe;
      this.#resources.push({
        address: instance.what.address,
        language: 'terraform',
        type,
        name: memberOf(body, 'name')?.value ?? unknown('it has no name of its own', block.head),
        presence: maybe ? 'maybe' : 'present',
        guard: bothGuards(module.guard, instance.guard),
        many: module.many || instance.many || undefined,
        existing: kind === 'data',
        body,
        head: block.head,
        calls: module.calls,
        scope: { subscription: module.subscription(providerName, block.head), resourceGroup: groupOf(body) },
        provider: this.#providers.get(providerName.split('.')[0]!),
        configuredBy: module.configuring(providerName)?.address,
        lifecycle,
        runsCommands,
        ...(orderedTypes.test(type) && {
          waitsFor: (address: string) => this.#order.waits(module.path, name, address),
        }),
      });
    }
  }

  #collectAction(module: ModuleInstance, name: string, block: Block): void {
    const triggers = module.triggersOf(name);
    for (const { what, maybe } of module.actionOf(name, block).instances)
      this.#actions.push({
        address: what.address,
        type: block.labels[0]!.text,
        presence: module.maybe || maybe ? 'maybe' : 'present',
        body: what.body(),
        head: block.head,
        calls: module.calls,
        triggers,
      });
  }
}

function groupOf(body: Obj): Value | undefined {
  return memberOf(body, 'resource_group_name')?.value;
}

/** Generated with the file beside it from rules/schema/config.schema.json. */
interface Problem {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Record<string, unknown>;
  readonly message?: string;
  readonly parentSchema?: { readonly properties?: Record<string, unknown>; readonly description?: string };
}
export declare const validate: ((data: unknown) => boolean) & { readonly errors?: readonly Problem[] | null };

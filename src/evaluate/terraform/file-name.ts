/** Which files belong to a module of Terraform or OpenTofu, told by name alone. */
/** A file of Terraform or OpenTofu, in native or JSON syntax; not the lock or backup file of an editor. */
export function isTerraformFile(name: string): boolean {
  return /\.(tf|tofu)(\.json)?$/.test(name) && !name.startsWith('.');
}

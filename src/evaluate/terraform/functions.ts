/** All built-in functions of Terraform by name, over evaluated arguments. `try`, `can` and `templatestring` are forms (language.ts). */
import type { BuiltIn } from '../evaluate.ts';
import { collectionFunctions } from './functions-collections.ts';
import { encodingFunctions } from './functions-encodings.ts';
import { type FileAccess, fileFunctions } from './functions-files.ts';
import { networkFunctions } from './functions-network.ts';
import { numberFunctions } from './functions-numbers.ts';
import { stringFunctions } from './functions-strings.ts';
import { timeFunctions } from './functions-time.ts';

export function functionsFor(files: FileAccess): ReadonlyMap<string, BuiltIn> {
  const functions = new Map<string, BuiltIn>();
  const all = [
    ...numberFunctions,
    ...stringFunctions,
    ...collectionFunctions,
    ...encodingFunctions,
    ...networkFunctions,
    ...timeFunctions,
    ...fileFunctions(files),
  ];
  for (const [name, apply] of all) {
    functions.set(name, apply);
    functions.set(`core::${name}`, apply);
  }
  return functions;
}

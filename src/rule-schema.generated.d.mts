/** Generated with the file beside it from rules/schema/rule.schema.json. */
export { validate } from './config-schema.generated.mjs';

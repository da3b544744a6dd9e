import { arithmetic } from './arithmetic.ts';
import { conversion } from './conversion.ts';
import { existence } from './existence.ts';
import { filtering } from './filtering.ts';
import type { FunctionDefinition } from './function.ts';
import { navigation } from './navigation.ts';
import { serviceFunctions } from './services.ts';
import { strings } from './strings.ts';
import { subsetting } from './subsetting.ts';

/** Every function that this engine has, by name. Those that take a type (`is`, `as`, `ofType`) are in `translate.ts`. */
export const functions: ReadonlyMap<string, FunctionDefinition> = new Map(
  [arithmetic, conversion, existence, filtering, navigation, serviceFunctions, strings, subsetting].flatMap(
    (table) => Object.entries(table),
  ),
);

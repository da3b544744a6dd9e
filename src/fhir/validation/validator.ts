import type { Definitions } from '../definitions/definitions.ts';
import type { Issue } from '../outcome.ts';
import { isResource } from '../resource.ts';
import { findings } from './findings.ts';
import { createShapes } from './shapes.ts';
import { createValueSets } from './value-sets.ts';
import { type Bounds, startVisit } from './visit.ts';
import { walkResource } from './walk.ts';

/** Checks resources against the definitions. */
export interface Validator {
  /** The issues of a resource by the base R4 definition of its type. Never throws, whatever it is given. */
  validateBase(resource: unknown): Issue[];
}

const usualBounds: Bounds = { maxDepth: 100, maxIssues: 200 };

/**
 * A validator that works by these definitions (http://hl7.org/fhir/R4/validation.html). What it needs of a
 * definition is compiled when a resource first asks for it.
 */
export function createValidator(definitions: Definitions, bounds: Partial<Bounds> = {}): Validator {
  const sets = createValueSets(definitions);
  const shapes = createShapes(definitions, sets);
  const limits = { ...usualBounds, ...bounds };

  return {
    validateBase(resource) {
      if (!isResource(resource)) {
        const { severity, code, zh, en } = findings.notResource;
        return [{ severity, code, text: { zh, en } }];
      }
      const visit = startVisit(resource, limits);
      visit.place.enter(resource.resourceType);
      walkResource(resource, 'alone', visit, shapes);
      return visit.report.issues;
    },
  };
}

import type { Definitions } from '../definitions/definitions.ts';
import { compile, type Expression } from '../fhirpath/compile.ts';
import { type Element, isElement } from '../resource.ts';
import {
  canonicalOfType,
  type ExtensionContext,
  type StructureDefinition,
} from '../snapshots/element-definition.ts';
import { findings } from './findings/findings.ts';
import type { FindingKind } from './findings/kind.ts';
import type { Profiles } from './profile/profiles.ts';
import { type Check, environmentOf, servicesOf, type Visit } from './visit.ts';

const absolute = /^[a-z][a-z0-9+.-]*:/i;

/** What an expression of an extension may cost: those that clients store are of strangers. */
const steps = 500_000;

/**
 * The check of an extension by its definition, where that is known (http://hl7.org/fhir/R4/extensibility.html): where
 * it may stand, and what it holds. An extension inside another one belongs to the definition of the outer one.
 */
export function createExtensionCheck(definitions: Definitions, profiles: Profiles): Check {
  const parts = new WeakMap<StructureDefinition, Set<unknown>>();
  const lineages = new Map<string, string[]>();
  const expressions = new Map<string, Expression | undefined>();
  return (value, visit) => {
    const extension = value as Element;
    const { url } = extension;
    const { report } = visit;
    if (typeof url !== 'string') return;
    const nested = visit.holderMember?.type === 'Extension';
    if (!absolute.test(url)) {
      if (!nested) report.add(findings.extensionUrl, [], url);
      else if (!isPartOf(visit.holder?.url, url))
        report.add(findings.unknownSubExtension, [url, String(visit.holder?.url)]);
      return;
    }
    if (url.includes('|')) report.add(findings.extensionVersion, [], url);
    const definition = definitions.find<StructureDefinition>('StructureDefinition', url);
    if (!definition) {
      if (!nested) report.add(findings.unknownExtension, [url]);
      return;
    }
    if (definition.type !== 'Extension') report.add(findings.notExtension, [url]);
    else {
      if (isModifier(definition) !== isInModifiers(visit))
        report.add(isModifier(definition) ? findings.modifierExtension : findings.plainExtension, [url]);
      checkInvariants(definition, extension, visit);
      const kind = contextProblem(definition, visit);
      if (kind) report.add(kind, [url, placeNames(visit).join(', ')]);
      const profile = profiles.find(url);
      const instance = { value: extension, sibling: undefined, type: 'Extension', index: -1 };
      if (profile) profiles.check(profile, instance, visit);
    }
  };

  /** Whether a part belongs to the extension that it is in, as far as that one is known. */
  function isPartOf(outer: unknown, url: string): boolean {
    if (typeof outer !== 'string' || !absolute.test(outer)) return true;
    const definition = definitions.find<StructureDefinition>('StructureDefinition', outer);
    if (!definition?.snapshot) return true;
    let known = parts.get(definition);
    if (!known) {
      const urls = definition.snapshot.element.filter(({ path }) => path === 'Extension.extension.url');
      known = new Set(urls.map(({ fixedUri }) => fixedUri).filter((fixed) => fixed !== undefined));
      parts.set(definition, known);
    }
    return known.size === 0 || known.has(url);
  }

  /**
   * What is wrong with a place that the context does not name
   * (http://hl7.org/fhir/R4/defining-extensions.html#context): an error, but in a definition a warning, since the
   * extensions of R4 do not list all places that R4's definitions use.
   */
  function contextProblem({ context }: StructureDefinition, visit: Visit): FindingKind | undefined {
    if (!context?.length || context.some((one) => covers(one, visit))) return undefined;
    return isDefinition(visit) ? findings.extensionPlace : findings.extensionContext;
  }

  function covers({ type, expression }: ExtensionContext, visit: Visit): boolean {
    if (type === 'fhirpath') return isAmong(expression, visit);
    if (expression === 'Element') return true;
    if (type === 'extension')
      return visit.holderMember?.type === 'Extension' && visit.holder?.url === expression;
    const names = placeNames(visit);
    // R4's own definitions put extensions of `ElementDefinition.type.code` on the type.
    if (names.includes(expression)) return true;
    if (isDefinition(visit) && names.some((name) => expression.startsWith(`${name}.`))) return true;
    return expression === pathHere(visit);
  }

  /**
   * Whether the holder is among what a FHIRPath context selects in its resource, or in the one that contains that: "the
   * extension may be used on any element that it returns". One that cannot be evaluated forbids nothing.
   */
  function isAmong(expression: string, visit: Visit): boolean {
    const { resource, root, holder = resource, holderMember } = visit;
    const select = compiled(expression, undefined);
    if (!select) return true;
    try {
      const selected = [resource, root].flatMap((from) =>
        select(from, environmentOf(visit), servicesOf(visit)),
      );
      // The holder of what a primitive is extended by is not the primitive.
      return holderMember?.kind === 'sibling'
        ? selected.some((each) => !isElement(each))
        : selected.includes(holder);
    } catch {
      return true;
    }
  }

  /** `contextInvariant`: rules about what the extension stands on. */
  function checkInvariants(
    { url, contextInvariant = [] }: StructureDefinition,
    extension: Element,
    visit: Visit,
  ): void {
    if (contextInvariant.length === 0) return;
    const { holder = visit.resource, holderMember } = visit;
    const environment = { ...environmentOf(visit), extension };
    for (const expression of contextInvariant) {
      const rule = compiled(expression, holderMember?.path);
      try {
        const result = rule?.(holder, environment, servicesOf(visit));
        if (result && (result.length === 0 || result[0] === false))
          visit.report.add(findings.extensionInvariant, [url, expression]);
      } catch {
        visit.report.add(findings.invariantNotEvaluated, [expression]);
      }
    }
  }

  /** Undefined of what is no FHIRPath. */
  function compiled(expression: string, type: string | undefined): Expression | undefined {
    const key = `${type} ${expression}`;
    if (!expressions.has(key)) {
      let made: Expression | undefined;
      try {
        made = compile(expression, { type, services: true, steps });
      } catch {}
      expressions.set(key, made);
    }
    return expressions.get(key);
  }

  /** What an element context can call the element that holds the extension. */
  function placeNames({ resource, holderMember }: Visit): string[] {
    if (!holderMember) return [resource.resourceType, 'DomainResource', 'Resource'];
    return [holderMember.path, ...lineage(holderMember.type)];
  }

  /** A type and what it is derived from: `Age`, `Quantity`, `Element`. */
  function lineage(type: string): string[] {
    let types = lineages.get(type);
    if (!types) {
      const definition = definitions.find<StructureDefinition>('StructureDefinition', canonicalOfType(type));
      const parent = definition?.baseDefinition?.split('/').pop();
      types = parent ? [type, ...lineage(parent)] : [type];
      lineages.set(type, types);
    }
    return types;
  }
}

/** Whether who does not understand the extension may misread what it is on. */
function isModifier({ snapshot }: StructureDefinition): boolean {
  return snapshot?.element[0]?.isModifier === true;
}

function isInModifiers({ place }: Visit): boolean {
  return /\.modifierExtension(?:\[\d+\])?$/.test(String(place));
}

/** True in a resource that defines something, and so has a canonical URL. */
function isDefinition({ shapes, resource }: Visit): boolean {
  const members = shapes.find(resource.resourceType)?.members;
  return members?.has('url') === true && members.has('experimental');
}

/** The path of the holder from its resource on, as in `StructureDefinition.snapshot.element.binding.valueSet`. */
function pathHere({ place, resource }: Visit): string {
  const names = String(place).replace(/\[\d+\]/g, '');
  const inResource = names.slice(Math.max(0, names.lastIndexOf('.resource.') + '.resource'.length));
  const path = names.includes('.resource.') ? resource.resourceType + inResource : names;
  return path.slice(0, path.lastIndexOf('.'));
}

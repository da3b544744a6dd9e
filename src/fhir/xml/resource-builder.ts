import type { SaxesTagNS } from 'saxes';
import { mostDigits } from '../json/parse.ts';
import { rawNumber } from '../json/raw-number.ts';
import type { Text } from '../outcome.ts';
import type { Layout, Layouts, Place } from './layout.ts';
import { fhir, schemaInstance, xhtml, xmlns } from './namespaces.ts';
import { problems } from './problems.ts';

type Members = Record<string, unknown>;

/** An element that is open. */
interface Frame {
  /** Undefined for a resource, which stands at no place but in an element that holds it. */
  place: Place | undefined;
  name: string;
  layout: Layout;
  /** How deep it is in JSON. */
  depth: number;
  /** What becomes its JSON; of a primitive, what stands beside its value. */
  members: Members;
  /** Of a primitive its value, of an element that holds a resource that resource. */
  value: unknown;
  /** The member that came last. */
  last: Place | undefined;
  /** The primitives that repeat, as they have come. */
  lists: Set<string> | undefined;
}

const numbers = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt']);
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Makes the JSON of a resource from its XML elements as they open and close, by the layouts of the definitions. */
export class ResourceBuilder {
  readonly #layouts: Layouts;
  readonly #maxDepth: number;
  /** Refuses for a problem of the tag that is being read. */
  readonly #refuse: (problem: Text) => never;
  readonly #open: Frame[] = [];
  #narrative: Place | undefined;
  #resource: unknown;

  constructor(layouts: Layouts, maxDepth: number, refuse: (problem: Text) => never) {
    this.#layouts = layouts;
    this.#maxDepth = maxDepth;
    this.#refuse = refuse;
  }

  /** Takes the start of an element; gives whether it is a narrative, whose end `closeNarrative` takes. */
  open(tag: SaxesTagNS): boolean {
    const parent = this.#open.at(-1);
    if (!parent || parent.place?.form === 'resource') {
      this.#openResource(tag, parent);
      return false;
    }
    const place = parent.layout.get(tag.local);
    if (!place || place.form === 'attribute') this.#refuse(problems.element(tag.name, parent.name));
    this.#checkOrder(parent, place);
    parent.last = place;
    const isNarrative = place.form === 'narrative';
    this.#checkNamespace(tag, isNarrative ? xhtml : fhir);
    if (isNarrative) {
      this.#narrative = place;
      return true;
    }
    const frame = this.#push(tag, place, parent.depth + (place.repeats ? 2 : 1));
    this.#readAttributes(tag, frame, place);
    return false;
  }

  /** Takes the end of an element that is no narrative. */
  close(): void {
    const { place, name, members, value, lists } = this.#open.pop()!;
    for (const list of lists ?? []) dropEmpty(members, list);
    const parent = this.#open.at(-1);
    if (!place) {
      if (parent) parent.value = members;
      else this.#resource = members;
      return;
    }
    const isEmpty = value === undefined && isWithout(members);
    if (place.form === 'resource' && value === undefined) this.#refuse(problems.oneResource(name));
    if (isEmpty) this.#refuse(problems.empty(name));
    if (place.form === 'primitive') this.#addPrimitive(parent!, place, value, members);
    else this.#add(parent!, place, place.form === 'resource' ? value : members);
  }

  /** Takes a whole narrative. */
  closeNarrative(div: string): void {
    this.#add(this.#open.at(-1)!, this.#narrative!, div);
  }

  /** Refuses text, in the element that is open. */
  refuseText(refuse: (problem: Text) => never): never {
    return refuse(problems.text(this.#open.at(-1)?.name ?? ''));
  }

  /** The JSON of the resource, when all has closed. */
  json(): string {
    return JSON.stringify(this.#resource);
  }

  #openResource(tag: SaxesTagNS, holder: Frame | undefined): void {
    if (holder?.value !== undefined) this.#refuse(problems.oneResource(holder.name));
    this.#checkNamespace(tag, fhir);
    if (!this.#layouts.isResource(tag.local)) this.#refuse(problems.notAResource(tag.local));
    const frame = this.#push(tag, undefined, (holder?.depth ?? 0) + (holder ? 0 : 1));
    frame.members.resourceType = tag.local;
    this.#readAttributes(tag, frame, undefined);
  }

  #push({ local }: SaxesTagNS, place: Place | undefined, depth: number): Frame {
    // A value that nothing stands beside is no level of its own.
    if (depth > this.#maxDepth && place?.form !== 'primitive') this.#refuse(problems.tooDeep(this.#maxDepth));
    const frame: Frame = {
      place,
      name: local,
      layout: this.#layouts.of(place?.type ?? local),
      depth,
      members: {},
      value: undefined,
      last: undefined,
      lists: undefined,
    };
    this.#open.push(frame);
    return frame;
  }

  #checkNamespace({ uri, name }: SaxesTagNS, namespace: string): void {
    if (uri !== namespace) this.#refuse(problems.namespace(name, namespace));
  }

  #checkOrder({ last }: Frame, place: Place): void {
    if (last === undefined) return;
    if (place.order < last.order) this.#refuse(problems.order(place.name, last.name));
    if (place === last && !place.repeats) this.#refuse(problems.twice(place.name));
  }

  #readAttributes(tag: SaxesTagNS, frame: Frame, place: Place | undefined): void {
    for (const { name, local, uri, value } of Object.values(tag.attributes)) {
      if (uri === xmlns || uri === schemaInstance) continue;
      const known = uri === '' && frame.layout.get(local)?.form === 'attribute';
      if (!known || place?.form === 'resource') this.#refuse(problems.attribute(name, frame.name));
      if (local === 'value' && place?.form === 'primitive') frame.value = this.#valueOf(place, value);
      else frame.members[local] = value;
    }
  }

  #valueOf({ name, type }: Place, value: string): unknown {
    if (type === 'boolean') {
      if (value !== 'true' && value !== 'false') this.#refuse(problems.boolean(name));
      return value === 'true';
    }
    if (!numbers.has(type)) return value;
    if (value.length > mostDigits || !number.test(value)) this.#refuse(problems.number(name));
    return rawNumber(value);
  }

  #add({ members }: Frame, { name, repeats }: Place, value: unknown): void {
    if (repeats) {
      members[name] ??= [];
      (members[name] as unknown[]).push(value);
    } else members[name] = value;
  }

  /** Adds a value and what stands beside it, where they repeat in two lists of one length. */
  #addPrimitive(parent: Frame, place: Place, value: unknown, beside: Members): void {
    const besideOrNothing = isWithout(beside) ? undefined : beside;
    const sibling = { ...place, name: `_${place.name}` };
    if (place.repeats) {
      parent.lists ??= new Set();
      parent.lists.add(place.name).add(sibling.name);
      this.#add(parent, place, value ?? null);
      this.#add(parent, sibling, besideOrNothing ?? null);
      return;
    }
    if (value !== undefined) this.#add(parent, place, value);
    if (besideOrNothing) this.#add(parent, sibling, besideOrNothing);
  }
}

function isWithout(members: Members): boolean {
  for (const _ in members) return false;
  return true;
}

/** Of a repeated primitive, leaves out the list that says nothing. */
function dropEmpty(members: Members, name: string): void {
  if ((members[name] as unknown[]).every((item) => item === null)) delete members[name];
}

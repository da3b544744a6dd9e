import { refusals, refuse } from '../../fhir/refusal.ts';
import { textsOf } from '../../interactions/audited.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../interactions/operation.ts';
import { presentVersion } from '../../interactions/present-version.ts';
import type { Server } from '../../interactions/server.ts';
import { createReferences } from '../reference.ts';
import { paperDocumentUrl } from '../vocabulary.ts';
import { signedPaper, unsignedPaper } from './consent/consent-paper.ts';
import { nationalForm } from './national-form.ts';
import type { Paper } from './paper.ts';
import type { Printer } from './pdf/printer.ts';
import { type FormCode, formSections } from './record/sections.ts';
import { heldOf } from './record/shelf.ts';
import { paperRefusals } from './refusals.ts';
import { pageOf, pagePolicy } from './sheet/page.ts';

/** What can be asked for on a Task; a Consent has one paper. */
const names: Readonly<Record<string, readonly string[]>> = { Task: ['form', 'category'], Consent: [] };
/** Parameters of the answer's form, which are not this operation's business. */
const formNames = ['_format', '_pretty'];

/**
 * `Task/[id]/$document`, with `form` or `category` where another paper is meant than the usual one, and
 * `Consent/[id]/$document`: a paper of a referral, as a document Bundle, as a page to print (`text/html`), or as a PDF.
 */
export function createPaperDocument(printer: Printer): Operation {
  return {
    name: '$document',
    definition: paperDocumentUrl,
    on: { instance: true, types: ['Task', 'Consent'] },
    affectsState: false,
    formats: ['text/html', 'application/pdf'],
    run: async (request, server) => answerIn(request.format, await paperOf(request, server), printer),
  };
}

async function answerIn(
  format: string | undefined,
  paper: Paper,
  printer: Printer,
): Promise<OperationAnswer> {
  if (format === undefined) return { status: 200, json: await paper.document() };
  const about = textsOf((await paper.held()).map(({ version }) => version));
  switch (format) {
    case 'text/html': {
      const bytes = Buffer.from(pageOf(await paper.sheet()));
      const headers = { 'Content-Security-Policy': pagePolicy, 'Content-Disposition': 'inline' };
      return { status: 200, content: { type: 'text/html; charset=utf-8', bytes }, about, headers };
    }
    case 'application/pdf': {
      const bytes = await printer.print(await paper.sheet());
      const headers = { 'Content-Disposition': `inline; filename="${paper.name}.pdf"` };
      return { status: 200, content: { type: 'application/pdf', bytes }, about, headers };
    }
    default:
      throw new TypeError(`Papers are not made as ${format}`);
  }
}

async function paperOf(request: OperationRequest, server: Server): Promise<Paper> {
  const { type, id, store, base } = request;
  const { form, category } = readParameters(request);
  const held = heldOf(await presentVersion(store, type!, id!))!;
  const sources = { server, reader: store, references: createReferences(base) };
  if (type === 'Consent') return signedPaper(held, sources);
  return category === undefined ? nationalForm(held, form, sources) : unsignedPaper(category, held, sources);
}

/** Refuses with 400 what is unknown, given twice or together, and a form that there is not. */
function readParameters({ type, parameters }: OperationRequest): {
  form: FormCode | undefined;
  category: string | undefined;
} {
  const known = names[type!]!;
  for (const [name, values] of parameters) {
    const isKnown = known.includes(name) && values.length === 1;
    if (!isKnown && !formNames.includes(name))
      throw refuse(refusals.unknownStepParameter, [name.slice(0, 64), known.join(', ') || '-']);
  }
  const [form, category] = ['form', 'category'].map((name) => parameters.get(name)?.[0]);
  if (form !== undefined && (category !== undefined || !isForm(form)))
    throw refuse(paperRefusals.unknownForm, [form.slice(0, 64), Object.keys(formSections).join(', ')]);
  return { form: form as FormCode | undefined, category };
}

function isForm(form: string): form is FormCode {
  return Object.hasOwn(formSections, form);
}

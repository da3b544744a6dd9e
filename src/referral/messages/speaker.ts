import { elements, string } from '../../fhir/elements.ts';
import { refuse } from '../../fhir/refusal.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Server } from '../../interactions/server.ts';
import type { Reader } from '../../store/store.ts';
import { findOrganization } from '../context/parties.ts';
import { openRecords } from '../context/records.ts';
import { createReferences, pathOf } from '../reference.ts';
import type { Message } from './message.ts';
import { messageRefusals } from './refusals.ts';

/** The members of a MessageHeader that say who speaks. */
const speaking = ['sender', 'author', 'enterer', 'responsible'] as const;

/**
 * The server as the one for whom a message is: for whom the request is made, where that is known. A header that names
 * another organization is refused with 403: nobody speaks in another's name. Where nobody is known, which is only
 * without access control, it is the organization that the header names as its sender.
 */
export async function speakingFor(server: Server, reader: Reader, message: Message): Promise<Server> {
  const { actor } = server;
  for (const member of speaking) {
    const organization = await organizationOf(server, reader, message, member);
    if (organization === undefined) continue;
    if (actor?.organization !== undefined && organization !== actor.organization)
      throw refuse(
        messageRefusals.anothersMessage,
        [member, organization, actor.organization],
        [`Bundle.entry[0].resource.${member}`],
      );
    if (!actor && !server.security && member === 'sender')
      return { ...server, actor: { organization, roles: [] } };
  }
  return server;
}

/** The organization that a member leads to, be it on record or in the message. */
async function organizationOf(
  server: Server,
  reader: Reader,
  { header, sent }: Message,
  member: string,
): Promise<string | undefined> {
  const references = createReferences(server.base);
  const link = string(elements(header, member)[0], 'reference');
  const brought = sent.find(({ fullUrl }) => fullUrl === link)?.resource;
  const records = openRecords({ changes: [], reader, now: server.now() });
  const parent = brought ? within(brought) : header;
  const organization = await findOrganization(records, references, parent, brought ? 'of' : member);
  return organization && pathOf(organization);
}

/** The organization of a person in office that the message brings. */
function within(resource: Resource): Resource {
  return { resourceType: resource.resourceType, of: resource.organization ?? resource.providedBy };
}

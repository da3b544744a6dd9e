import type { Resource } from '../fhir/resource.ts';
import type { Answer } from './answer.ts';
import type { Request } from './request.ts';
import type { Server } from './server.ts';

/** A resource that says, by itself, what is to be done beside keeping it: a form on which something is asked for. */
export interface Filing {
  type: string;
  /** The profiles of the documents that are filed, for the CapabilityStatement. */
  profiles: readonly string[];
  /** Whether a resource that is to be created is of this kind. */
  concerns(resource: Resource): boolean;
  /** Creates it, and does what it says, all or nothing. Answers and refuses as a create. */
  file(server: Server, request: Request, resource: Resource): Promise<Answer>;
}

/** For whom a request is made: whoever asks acts for an organization, in one or more roles. */
export interface Actor {
  /** `Organization/[id]`; undefined for an office that acts for none. */
  organization?: string;
  /** Roles of the domain, e.g. `alliance-office`. */
  roles: readonly string[];
}

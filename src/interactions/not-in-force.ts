/** A stored resource that does not hold, though it asks to: one that is too large, or that cannot be applied. */
export class NotInForce extends Error {
  /** Where it is stored, e.g. `ValueSet/a`. */
  readonly path: string;
  /** Why, in words that name nothing of what it holds. */
  readonly reason: string;

  constructor(path: string, reason: string) {
    super(`${path} is not in force: ${reason}`);
    this.path = path;
    this.reason = reason;
  }
}

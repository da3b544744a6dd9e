/**
 * The place in a resource that is being looked at. It is kept as a stack, and written as FHIRPath only when there
 * is something to report, since most places are right.
 */
export class Place {
  readonly #names: string[] = [];
  readonly #indexes: number[] = [];

  /** Goes down into a member; `index` is its place in a list. */
  enter(name: string, index = -1): void {
    this.#names.push(name);
    this.#indexes.push(index);
  }

  /** Goes back up to where the last `enter` was called. */
  leave(): void {
    this.#names.pop();
    this.#indexes.pop();
  }

  get depth(): number {
    return this.#names.length;
  }

  /** The place as a FHIRPath expression, e.g. `Patient.contact[0].name`. */
  toString(): string {
    return this.#names
      .map((name, at) => (this.#indexes[at] === -1 ? name : `${name}[${this.#indexes[at]}]`))
      .join('.');
  }
}

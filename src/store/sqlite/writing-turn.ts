/**
 * The turn to write: of several processes on one file, one writes at a time, in the order in which they asked. Resolves
 * when the turn has come, and gives the function that passes it on.
 */
export type WritingTurn = () => Promise<() => void>;

/** Where only this process writes, it always is its turn. */
export const alwaysOurs: WritingTurn = async () => () => {};

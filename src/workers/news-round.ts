/** A piece of news on its way to several, of whom each says that it has taken note. */
export interface NewsRound<T> {
  noted(by: T): void;
}

/** So long, in milliseconds, one is waited for who is busy; it takes note when it comes to it. */
const patience = 2_000;

/** Calls `done` when all have taken note, are gone, or had time enough. */
export function newsRound<T>(to: Iterable<T>, done: () => void): NewsRound<T> {
  const missing = new Set(to);
  let isDone = false;
  const end = () => {
    if (isDone) return;
    isDone = true;
    clearTimeout(late);
    done();
  };
  const late = setTimeout(end, patience).unref();
  if (missing.size === 0) end();
  return {
    noted: (by) => {
      if (missing.delete(by) && missing.size === 0) end();
    },
  };
}

/** So long at most one work goes on without giving way to others, in milliseconds, unless it says otherwise. */
const usualSlice = 8;

/** The works of this thread that wait for their next slice. */
const line: (() => void)[] = [];

/** Between two of them whatever else has come has its turn, however many works there are. */
function resumeNext(): void {
  line.shift()?.();
  if (line.length > 0) setImmediate(resumeNext);
}

function nextTurn(): Promise<void> {
  return new Promise((resume) => {
    line.push(resume);
    if (line.length === 1) setImmediate(resumeNext);
  });
}

/**
 * Gives what is awaited between the parts of long work: it lets others have their turn when this work has had its own, so
 * many milliseconds.
 */
export function takeSlices(slice = usualSlice): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < slice) return;
    await nextTurn();
    since = performance.now();
  };
}

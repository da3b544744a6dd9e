import type { State } from './state.ts';

/** A memory that is opened when something is first remembered or asked for. */
export function openedWhenNeeded(
  open: () => Promise<State>,
): Pick<State, 'find' | 'all' | 'put' | 'removeGroup' | 'close'> {
  let opened: Promise<State> | undefined;
  const state = () => {
    opened ??= open();
    return opened;
  };
  return {
    find: async (kind, id) => (await state()).find(kind, id),
    all: async (kind) => (await state()).all(kind),
    put: async (kind, remembered) => (await state()).put(kind, remembered),
    removeGroup: async (group) => (await state()).removeGroup(group),
    close: async () => (await opened)?.close(),
  };
}

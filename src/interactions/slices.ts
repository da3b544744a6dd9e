/** Interactions and the store take their slices of one line. */
export { takeSlices } from '../store/slices.ts';

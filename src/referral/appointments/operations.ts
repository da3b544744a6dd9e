import type { Operation } from '../../interactions/operation.ts';
import { book } from './book.ts';
import { cancel } from './cancel.ts';
import { find } from './find.ts';
import { reschedule } from './reschedule.ts';

/** The operations on appointments. */
export const appointmentOperations: readonly Operation[] = [find, book, reschedule, cancel];

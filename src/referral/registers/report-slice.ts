/** So long at most a report goes on without giving way, in milliseconds: nobody at a bedside waits for a spreadsheet. */
export const reportSlice = 2;

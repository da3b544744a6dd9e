export const engines = ['embedded', 'mongodb'] as const;
export type Engine = (typeof engines)[number];

/** What is measured, reads first: they see what was loaded and nothing that a measure wrote. */
export const measures = ['read', 'search', 'chained', 'worklist', 'create', 'transaction'] as const;
export type Measure = (typeof measures)[number];

export const titles: Record<Measure, string> = {
  read: 'read a referral',
  search: 'search by patient and status',
  chained: 'search by patient.identifier',
  worklist: 'worklist, 20 newest',
  create: 'create a referral',
  transaction: 'whole referral, 6 entries',
};

/** The goal at 8 clients on two cores, client included: requests a second, or a part of the floor. */
export const goals: Record<Engine, Record<Measure, number>> = {
  embedded: { read: 7_000, search: 4_000, chained: 3_000, worklist: 2_000, create: 1_500, transaction: 300 },
  mongodb: { read: 0.5, search: 0.5, chained: 0.5, worklist: 0.5, create: 0.5, transaction: 0.5 },
};
export const clientsOfGoal = 8;

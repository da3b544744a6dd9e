export const engines = ['embedded', 'mongodb'] as const;
export type Engine = (typeof engines)[number];

/** What is measured, reads first: they see what was loaded and nothing that a measure wrote. */
export const measures = [
  'read',
  'identifier',
  'search',
  'worklist',
  'chained',
  'include',
  'everything',
  'patient',
  'create',
  'update',
  'transaction',
  'load',
] as const;
export type Measure = (typeof measures)[number];

export const titles: Record<Measure, string> = {
  read: 'read a referral',
  identifier: 'search by identifier',
  search: 'search by patient and status',
  worklist: 'worklist, 20 newest',
  chained: 'search by patient.identifier',
  include: 'include and revinclude',
  everything: 'Patient/$everything',
  patient: 'create a patient',
  create: 'create a referral',
  update: 'update a Task',
  transaction: 'whole referral, 6 entries',
  load: 'load, transactions of 33 (in resources)',
};

/** How many resources one request of a measure writes, where it is resources that are counted. */
export const resourcesEach: Partial<Record<Measure, number>> = { load: 33 };

/** How many times as fast as another server each is to be. */
export const ahead: Record<Measure, number> = {
  read: 1.5,
  identifier: 5,
  search: 5,
  worklist: 5,
  chained: 5,
  include: 5,
  everything: 1.5,
  patient: 3,
  create: 3,
  update: 3,
  transaction: 3,
  load: 3,
};

/** Which part of what the bare driver does the server is to do on MongoDB. */
export const partOfDriver = 0.5;

/** Bounds on what one request brings. */
export const intakeLimits = {
  rows: 1_000,
  columns: 200,
  /** Bytes of a body. */
  body: 8_000_000,
  /** Characters of one cell. */
  cell: 20_000,
  /** Bytes of an XLSX when it is unpacked, and the files in it. */
  unpacked: 16_000_000,
  files: 200,
  /** Levels of JSON. */
  depth: 5,
  /** Problems that are told of one row. */
  problems: 20,
} as const;

export default {
  testMatch: ['<rootDir>/src/**/*.test.ts', '<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/environment/strip-types.js' },
  collectCoverageFrom: ['src/**/*.ts'],
  testTimeout: 30_000,
  maxWorkers: 2,
};

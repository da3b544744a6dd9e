export default {
  testMatch: ['<rootDir>/src/**/*.test.ts', '<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/environment/strip-types.js' },
  globalSetup: '<rootDir>/test/environment/global-setup.ts',
  globalTeardown: '<rootDir>/test/environment/global-teardown.ts',
  collectCoverageFrom: ['src/**/*.ts'],
  // A machine that does other things as well takes many times as long.
  testTimeout: 90_000,
  maxWorkers: 2,
  // Jest does not give back what the modules of a test file held: a worker that has grown is replaced.
  workerIdleMemoryLimit: '1GB',
};

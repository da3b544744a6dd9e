import { availableParallelism } from 'node:os';
import { expect, test } from '@jest/globals';
import { readSettings } from './settings.ts';

test('without any variable the server runs embedded, on loopback, at port 8080', () => {
  expect(readSettings({})).toMatchObject({
    port: 8080,
    host: '127.0.0.1',
    baseUrl: 'http://localhost:8080/fhir',
    dataDir: './data',
    mongodbUri: undefined,
  });
});

test('one process for each processor serves, four at most on the embedded engine, and as many as are asked for', () => {
  const processors = availableParallelism();
  expect(readSettings({}).workers).toBe(Math.min(processors, 4));
  expect(readSettings({ MONGODB_URI: 'mongodb://127.0.0.1/x', AUTH: 'off' }).workers).toBe(
    Math.min(processors, 64),
  );
  expect(readSettings({ WORKERS: '1' }).workers).toBe(1);
});

test('the base URL follows the port, and loses a slash at its end', () => {
  expect(readSettings({ PORT: '9000' }).baseUrl).toBe('http://localhost:9000/fhir');
  expect(readSettings({ BASE_URL: 'https://county.example/fhir/' }).baseUrl).toBe(
    'https://county.example/fhir',
  );
});

test.each([
  ['PORT', '80a', 'PORT takes a whole number from 0 to 65535, but got "80a"'],
  ['PORT', '70000', 'PORT takes a whole number from 0 to 65535, but got "70000"'],
  [
    'MONGODB_URI',
    'postgres://x',
    'MONGODB_URI takes a URL with mongodb: or mongodb+srv:, but got "postgres://x"',
  ],
  ['BASE_URL', 'county', 'BASE_URL takes a URL with http: or https:, without a query, but got "county"'],
  [
    'LOG_LEVEL',
    'loud',
    'LOG_LEVEL takes one of fatal, error, warn, info, debug, trace, silent, but got "loud"',
  ],
  ['CONDITIONAL_DELETE_MULTIPLE', 'yes', 'CONDITIONAL_DELETE_MULTIPLE takes true or false, but got "yes"'],
])('a wrong %s=%s stops the start with a message that says all', (name, given, message) => {
  expect(() => readSettings({ [name]: given })).toThrow(message);
});

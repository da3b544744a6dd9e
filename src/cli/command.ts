import { readSettings, type Settings } from '../settings.ts';

/** What is wrong with how a command was called, or with what it was to do: shown without more. */
export class Complaint extends Error {}

/**
 * Runs a command, which can ask for the settings of the environment. What it gives is printed; what is wrong goes to the error output,
 * and the exit code is 1.
 */
export async function runCommand(work: (settings: () => Settings) => Promise<string>): Promise<void> {
  try {
    process.stdout.write(await work(() => readSettings(process.env)));
    process.exitCode = 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

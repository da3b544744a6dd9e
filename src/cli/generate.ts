import { once } from 'node:events';
import { Command, InvalidArgumentError } from 'commander';
import { generateYear } from '../county-year/generate.ts';

/** Reads a whole number from a lowest to a highest one. */
function whole(low: number, high: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= low && Number(text) <= high) return Number(text);
    throw new InvalidArgumentError(
      `须为 ${low} 到 ${high} 的整数 / It takes a whole number from ${low} to ${high}.`,
    );
  };
}

/** `generate`: the referrals of a made-up county year, as NDJSON of transactions. */
export const generate = new Command('generate')
  .description(
    '生成县域一年的转诊,每行一个事务 Bundle(NDJSON) / Makes the referrals of a county year, a transaction Bundle a line (NDJSON)',
  )
  .option('--referrals <number>', '转诊数 / how many referrals', whole(1, 10_000_000), 1_000)
  .option('--seed <number>', '随机种子 / the same seed gives the same year', whole(0, 999_999_999), 1)
  .option('--year <year>', '年份 / the year', whole(1990, 2100), new Date().getUTCFullYear() - 1)
  .action(async ({ referrals, seed, year }: { referrals: number; seed: number; year: number }) => {
    for (const bundle of generateYear({ referrals, seed, year })) {
      if (process.stdout.write(`${JSON.stringify(bundle)}\n`)) continue;
      await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'error')]);
    }
  });

if (import.meta.main) {
  // Who reads only the first lines closes the pipe.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));
  await generate.parseAsync();
}

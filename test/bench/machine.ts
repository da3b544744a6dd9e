import { arch, cpus, platform, release, totalmem } from 'node:os';

/** On which machine the figures were taken, in one line. */
export function describeMachine(): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${processors[0]?.model.trim() ?? 'unknown processor'}, ${processors.length} cores, ${memory} GiB, ${platform()} ${release()} ${arch()}, Node.js ${process.versions.node}`;
}

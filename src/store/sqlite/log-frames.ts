import { closeSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';

/**
 * What a write-ahead log holds (https://sqlite.org/fileformat2.html#the_write_ahead_log): how many frames of it are in order
 * from its beginning on, up to the last commit among them, and how many commits of the same log stand behind the first
 * frame that is not.
 */
export interface Frames {
  salt: string;
  committed: number;
  commitsBeyond: number;
}

const headerSize = 32;
const frameHeaderSize = 24;
const saltSize = 8;

/** Reads through a log, of which no more than one frame is held. Undefined where it does not even begin as one. */
export function framesOf(file: string): Frames | undefined {
  const log = openSync(file, 'r');
  try {
    const header = Buffer.alloc(headerSize);
    if (readSync(log, header, 0, headerSize, 0) < headerSize) return undefined;
    const isBigEndian = (header.readUInt32BE(0) & 1) === 1;
    if (header.readUInt32BE(0) >>> 1 !== 0x377f0682 >>> 1) return undefined;
    let sums = checksum(header.subarray(0, 24), isBigEndian, [0, 0]);
    if (!endsWith(header, sums)) return undefined;
    const salt = header.subarray(16, 16 + saltSize);
    const frame = Buffer.alloc(frameHeaderSize + header.readUInt32BE(8));
    const found = { salt: salt.toString('hex'), committed: 0, commitsBeyond: 0 };
    let isInOrder = true;
    for (let n = 1; ; n++) {
      const at = headerSize + (n - 1) * frame.length;
      if (readSync(log, frame, 0, frame.length, at) < frame.length) return found;
      const isOfThisLog = frame.subarray(8, 8 + saltSize).equals(salt);
      const isCommit = frame.readUInt32BE(4) !== 0;
      if (isInOrder) {
        sums = checksum(frame.subarray(0, 8), isBigEndian, sums);
        sums = checksum(frame.subarray(frameHeaderSize), isBigEndian, sums);
        isInOrder = isOfThisLog && endsWith(frame.subarray(0, frameHeaderSize), sums);
      }
      if (isCommit && isInOrder) found.committed = n;
      else if (isCommit && isOfThisLog && !isInOrder) found.commitsBeyond++;
    }
  } finally {
    closeSync(log);
  }
}

/** What the index of a log (https://sqlite.org/walformat.html#the_wal_index_file_format) says that the log must hold. */
export interface Expected {
  salt: string;
  /** Frames up to the last commit. */
  committed: number;
  /** Of these, so many have been moved into the file. */
  moved: number;
}

/** Length of the header of the index, which stands there twice: where both are the same it is whole. */
const indexHeaderSize = 48;

/** Undefined where the index, which is open for reading, is not whole: it does not outlive each end of a machine. */
export function expectedFrames(opened: number): Expected | undefined {
  const index = Buffer.alloc(2 * indexHeaderSize + 4);
  if (readSync(opened, index, 0, index.length, 0) < index.length) return undefined;
  const header = index.subarray(0, indexHeaderSize);
  const isBigEndian = endianness() === 'BE';
  const number = (at: number) => (isBigEndian ? index.readUInt32BE(at) : index.readUInt32LE(at));
  const sums = checksum(header.subarray(0, 40), isBigEndian, [0, 0]);
  const isWhole = number(40) === sums[0] && number(44) === sums[1];
  if (!isWhole || !header.equals(index.subarray(indexHeaderSize, 2 * indexHeaderSize))) return undefined;
  return {
    salt: index.subarray(32, 32 + saltSize).toString('hex'),
    committed: number(16),
    moved: number(2 * indexHeaderSize),
  };
}

type Sums = [number, number];

function checksum(bytes: Buffer, isBigEndian: boolean, [a, b]: Sums): Sums {
  let first = a;
  let second = b;
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; at += 8) {
    first = (first + words.getUint32(at, !isBigEndian) + second) >>> 0;
    second = (second + words.getUint32(at + 4, !isBigEndian) + first) >>> 0;
  }
  return [first, second];
}

/** Whether a header ends with its checksums, which are written big-endian whatever they are made of. */
function endsWith(header: Buffer, [first, second]: Sums): boolean {
  return (
    header.readUInt32BE(header.length - 8) === first && header.readUInt32BE(header.length - 4) === second
  );
}

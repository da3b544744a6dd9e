import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { parseJson } from '../json/parse.ts';
import type { Text } from '../outcome.ts';
import { isElement, isResource, type Resource } from '../resource.ts';

/** What is read of a package's manifest (https://confluence.hl7.org/display/FHIR/NPM+Package+Specification). */
export interface ReadManifest {
  name: string;
  version: string;
  /** Other packages by name, with the version that is needed. */
  dependencies: Readonly<Record<string, string>>;
  fhirVersions: readonly string[];
}

/** A package: what it says of itself, and the resources in it; its examples are left aside. */
export interface ReadPackage {
  manifest: ReadManifest;
  resources: Resource[];
}

/** Why a package cannot be read. */
export class UnreadablePackage extends Error {
  readonly text: Text;
  constructor(text: Text) {
    super(text.en);
    this.text = text;
  }
}

/** Bounds on what is unpacked: files, bytes of one, and of all. More than the largest packages in use. */
const most = { files: 20_000, fileBytes: 32_000_000, bytes: 400_000_000 };

/** How deep the JSON of a file may be nested. */
const deepest = 200;

/**
 * Reads a FHIR package, a gzipped tar with its files in `package/`. `turn` is waited for between files, so that others
 * have theirs. Rejects with an UnreadablePackage.
 */
export async function readPackage(
  chunks: Iterable<Uint8Array>,
  turn: () => Promise<void> = async () => {},
): Promise<ReadPackage> {
  let manifest: ReadManifest | undefined;
  const resources: Resource[] = [];
  for await (const { name, json } of filesIn(chunks)) {
    if (name === 'package.json') manifest = manifestOf(json);
    else if (isResource(json)) resources.push(json);
    await turn();
  }
  if (!manifest)
    throw new UnreadablePackage({
      zh: '包中没有 package/package.json',
      en: 'there is no package/package.json in the package',
    });
  return { manifest, resources };
}

/** The JSON files directly in `package/`. */
async function* filesIn(chunks: Iterable<Uint8Array>): AsyncGenerator<{ name: string; json: unknown }> {
  const files = extract();
  // What goes wrong in front of it ends the reading below.
  pipeline(Readable.from(chunks, { objectMode: false }), createGunzip(), files, () => {});
  let count = 0;
  let total = 0;
  try {
    for await (const entry of files) {
      const { name, type, size = 0 } = entry.header;
      const [, file] = /^(?:\.\/)?package\/([^/]+\.json)$/.exec(name) ?? [];
      total += size;
      if (++count > most.files || total > most.bytes || size > most.fileBytes) throw tooLarge();
      if (type !== 'file' || file === undefined || file.startsWith('.')) {
        entry.resume();
        continue;
      }
      const parts: Buffer[] = [];
      for await (const part of entry) parts.push(part as Buffer);
      yield { name: file, json: parsed(file, Buffer.concat(parts)) };
    }
  } catch (error) {
    if (error instanceof UnreadablePackage) throw error;
    throw new UnreadablePackage({
      zh: '不是 FHIR 包(.tgz):解压出错',
      en: 'not a FHIR package (.tgz): it cannot be unpacked',
    });
  }
}

function parsed(file: string, bytes: Buffer): unknown {
  try {
    return parseJson(bytes.toString('utf8').replace(/^\uFEFF/, ''), deepest);
  } catch {
    throw new UnreadablePackage({
      zh: `package/${file} 不是 JSON`,
      en: `package/${file} is not JSON`,
    });
  }
}

function manifestOf(json: unknown): ReadManifest {
  const { name, version, dependencies, fhirVersions, ...others } = isElement(json) ? json : {};
  if (typeof name !== 'string' || typeof version !== 'string')
    throw new UnreadablePackage({
      zh: 'package.json 缺少 name 或 version',
      en: 'the package.json has no name or no version',
    });
  const versions = fhirVersions ?? others['fhir-version-list'];
  return {
    name,
    version,
    dependencies: isElement(dependencies) ? (dependencies as Record<string, string>) : {},
    fhirVersions: Array.isArray(versions) ? versions.map(String) : [],
  };
}

function tooLarge(): UnreadablePackage {
  return new UnreadablePackage({
    zh: `包解压后过大(至多 ${most.files} 个文件、${most.bytes / 1_000_000} MB)`,
    en: `the package is too large when unpacked (at most ${most.files} files and ${most.bytes / 1_000_000} MB)`,
  });
}

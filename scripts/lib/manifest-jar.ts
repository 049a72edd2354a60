/**
 * A jar that holds nothing but a manifest: it makes another jar, which names no main class, runnable with `java -jar`.
 * Written by hand because a plain Java runtime has no `jar` tool.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { crc32 } from 'node:zlib';

const entryName = Buffer.from('META-INF/MANIFEST.MF');

/** A manifest line may hold 72 bytes; what is longer goes on in lines that start with a space. */
function manifestLine(name: string, value: string): string {
  const line = `${name}: ${value}`;
  const parts = [line.slice(0, 70)];
  for (let at = 70; at < line.length; at += 69) parts.push(` ${line.slice(at, at + 69)}`);
  return parts.join('\r\n') + '\r\n';
}

/** The fields that a zip's local header and its directory entry share. */
function entryFields(content: Buffer): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(10, 0); // version needed
  fields.writeUInt16LE(0x21, 8); // date: 1980-01-01
  fields.writeUInt32LE(crc32(content), 10);
  fields.writeUInt32LE(content.length, 14);
  fields.writeUInt32LE(content.length, 18);
  fields.writeUInt16LE(entryName.length, 22);
  return fields;
}

function zipOfOne(content: Buffer): Buffer {
  const fields = entryFields(content);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, entryName, content]);
  const directory = Buffer.concat([Buffer.from('PK\x01\x02\x0a\x00'), fields, Buffer.alloc(14), entryName]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, directory, end]);
}

/** Writes `file`, a runnable jar whose only class path is `jar`. */
export function writeManifestJar(file: string, jar: string, mainClass: string): void {
  const manifest =
    manifestLine('Manifest-Version', '1.0') +
    manifestLine('Main-Class', mainClass) +
    manifestLine('Class-Path', pathToFileURL(jar).href) +
    '\r\n';
  const content = zipOfOne(Buffer.from(manifest));
  if (existsSync(file) && readFileSync(file).equals(content)) return; // a running emulator may hold it open
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** From where a server can be reached, and what to say when that is not only this machine. */
import { networkInterfaces } from 'node:os';
import type { Logger } from '@bas/core/observability/log';

export function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
}

/** The URL that other machines use; null when none of them can, or when it is `url` itself. */
export function addressElsewhere(host: string, url: string, interfaces = networkInterfaces()): string | null {
  if (!/^(0\.0\.0\.0|::|)$/.test(host)) return null;
  const outside = Object.values(interfaces).flatMap((found) => found ?? []);
  const usable = outside.filter(({ internal, address }) => !internal && !/^fe80:/i.test(address));
  const address = (usable.find(({ family }) => family === 'IPv4') ?? usable[0])?.address;
  if (address === undefined) return null;
  const { protocol, port } = new URL(url);
  return `${protocol}//${address.includes(':') ? `[${address}]` : address}:${port}`;
}

export function warnOfPlainText(logger: Logger, host: string): void {
  for (const line of [
    `${host} can be reached from other machines, and passwords and keys travel as plain text there.`,
    'A browser on another machine will not stay signed in: the session cookie is for HTTPS only.',
    'Give --tls-cert and --tls-key, or put a proxy with TLS in front.',
  ]) {
    logger.log('WARNING', line);
  }
}

export function warnOfDemo(logger: Logger, file: string): void {
  logger.log('WARNING', `Other machines can reach this demo, and who reads ${file} can sign in as its administrators.`);
}

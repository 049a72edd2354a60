/** Cloud Logging as a client meets it: gRPC over TLS that wants a credential, and keeps what it is given. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import * as z from 'zod';
import type { Env } from './command.ts';

const packages = createRequire(createRequire(import.meta.url).resolve('@google-cloud/logging'));
const protos = join(dirname(packages.resolve('@google-cloud/logging-api/package.json')), 'build/protos/protos.json');

const Written = z.object({
  logName: z.string(),
  resource: z.object({ type: z.string(), labels: z.record(z.string(), z.string()) }),
  entries: z.array(z.record(z.string(), z.unknown())),
});
export type Written = z.infer<typeof Written>;

export class CloudLogging {
  readonly written: Written[] = [];
  readonly credentials: string[] = [];
  /** Refuses everything. */
  away = false;
  calls = 0;
  readonly #folder = mkdtempSync(join(tmpdir(), 'bas-cloud-logging-'));
  readonly #server = new Server();
  #port = 0;

  static async start(): Promise<CloudLogging> {
    const cloud = new CloudLogging();
    await cloud.#listen();
    return cloud;
  }

  /** What makes a process ship here: an account's key file that ADC finds, and trust in the certificate. */
  get env(): Env {
    return {
      LOG_CLOUD_ENDPOINT: `localhost:${this.#port}`,
      GOOGLE_APPLICATION_CREDENTIALS: join(this.#folder, 'account.json'),
      GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: join(this.#folder, 'cert.pem'),
    };
  }

  stop(): void {
    this.#server.forceShutdown();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #listen(): Promise<void> {
    const [cert, key] = [join(this.#folder, 'cert.pem'), join(this.#folder, 'key.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    this.#writeAccount();
    this.#serve();
    const pair = { private_key: readFileSync(key), cert_chain: readFileSync(cert) };
    const credentials = ServerCredentials.createSsl(null, [pair]);
    this.#port = await new Promise((resolve, reject) => {
      this.#server.bindAsync('localhost:0', credentials, (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
  }

  #writeAccount(): void {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const account = {
      type: 'service_account',
      project_id: 'demo-logs',
      private_key_id: 'one',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      client_email: 'box@demo-logs.iam.gserviceaccount.com',
      client_id: '1',
      token_uri: 'https://oauth2.googleapis.com/token',
    };
    writeFileSync(join(this.#folder, 'account.json'), JSON.stringify(account));
  }

  #serve(): void {
    const root = protobuf.Root.fromJSON(
      z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(protos, 'utf8'))),
    );
    const request = root.lookupType('google.logging.v2.WriteLogEntriesRequest');
    const options = { longs: String, enums: String, defaults: false };
    this.#server.register(
      '/google.logging.v2.LoggingServiceV2/WriteLogEntries',
      (call: ServerUnaryCall<Written, object>, done: sendUnaryData<object>) => {
        this.calls += 1;
        if (this.away) {
          done({ code: status.UNAVAILABLE, details: 'away' });
          return;
        }
        this.written.push(call.request);
        this.credentials.push(String(call.metadata.get('authorization')[0]));
        done(null, {});
      },
      () => Buffer.alloc(0),
      (bytes) => Written.parse(request.toObject(request.decode(bytes), options)),
      'unary',
    );
  }
}

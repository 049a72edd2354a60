/** One API of Google as a client meets it: gRPC over TLS that wants a credential. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Env } from './command.ts';

export class GoogleApi {
  readonly server = new Server();
  readonly #folder = mkdtempSync(join(tmpdir(), 'bas-google-api-'));
  /** Where it listens: `localhost:…`. */
  endpoint = '';

  /** What makes a process believe it: an account's key file that ADC finds, and trust in the certificate. */
  get env(): Env {
    return {
      GOOGLE_APPLICATION_CREDENTIALS: join(this.#folder, 'account.json'),
      GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: join(this.#folder, 'cert.pem'),
    };
  }

  async listen(): Promise<void> {
    const [cert, key] = [join(this.#folder, 'cert.pem'), join(this.#folder, 'key.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    this.#writeAccount();
    const pair = { private_key: readFileSync(key), cert_chain: readFileSync(cert) };
    const bind = promisify(this.server.bindAsync.bind(this.server));
    this.endpoint = `localhost:${String(await bind('localhost:0', ServerCredentials.createSsl(null, [pair])))}`;
  }

  stop(): void {
    this.server.forceShutdown();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #writeAccount(): void {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const account = {
      type: 'service_account',
      project_id: 'demo-project',
      private_key_id: 'one',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      client_email: 'somebody@demo-project.iam.gserviceaccount.com',
      client_id: '1',
      token_uri: 'https://oauth2.googleapis.com/token',
    };
    writeFileSync(join(this.#folder, 'account.json'), JSON.stringify(account));
  }
}

import assert from 'node:assert/strict';
import type { SetupError } from '../errors.ts';
import { monitoringFailure, NoCredentials } from './monitoring-failure.ts';

describe('what Cloud Monitoring did not tell', () => {
  const told = ({ message, ...facts }: { message: string; code?: number; reason?: string }): SetupError =>
    monitoringFailure(Object.assign(new Error(message), facts), 'demo-p');

  it('names the whole command that mends it', () => {
    const disabled = { code: 7, reason: 'SERVICE_DISABLED', message: 'has not been used' };
    const refused = { code: 7, message: 'denied' };
    for (const failure of [disabled, refused, { code: 5, message: 'Cannot find metric' }]) {
      assert.match(
        told(failure).message,
        /^Cloud Monitoring of demo-p .*infra\/provision --project demo-p --env ENV\b/,
      );
    }
  });

  it('tells a person who is refused what role to have', () => {
    assert.match(told({ code: 7, message: 'denied' }).message, /roles\/monitoring\.viewer to a person/);
  });

  it('tells nobody to ask as from somebody who may not ask', () => {
    const nobody = [
      { code: 16, message: 'Request had invalid authentication credentials' },
      { message: 'Could not load the default credentials. Browse to https://example.com' },
    ];
    for (const failure of nobody) assert.ok(told(failure) instanceof NoCredentials, failure.message);
    const others = [
      { code: 7, message: 'denied' },
      { code: 14, message: 'No connection' },
      { message: 'Could not load the default credentials: getaddrinfo ENOTFOUND' },
    ];
    for (const failure of others) assert.ok(!(told(failure) instanceof NoCredentials), failure.message);
  });
});

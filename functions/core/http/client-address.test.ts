import assert from 'node:assert/strict';
import { clientAddress, networkOf } from './client-address.ts';
import type { HttpRequest } from './message.ts';

function request(forwarded: string | undefined, socket_address = '10.0.0.9'): HttpRequest {
  return {
    method: 'GET',
    path: '/',
    query: '',
    header: (name) => (name === 'x-forwarded-for' ? forwarded : undefined),
    protocol: 'HTTP/1.1',
    socket_address,
    body: () => Promise.resolve(null),
  };
}

describe('client address', () => {
  it('is the socket when no proxy is trusted, whatever is claimed', () => {
    assert.equal(clientAddress(request('6.6.6.6'), 0), '10.0.0.9');
  });

  it('counts hops from the right, so what a client puts in front changes nothing', () => {
    assert.equal(clientAddress(request('6.6.6.6, 203.0.113.7'), 1), '203.0.113.7');
    assert.equal(clientAddress(request('6.6.6.6, 203.0.113.7, 35.1.1.1'), 2), '203.0.113.7');
  });

  it('falls back to the socket when there are fewer hops than trusted', () => {
    assert.equal(clientAddress(request('203.0.113.7'), 2), '10.0.0.9');
    assert.equal(clientAddress(request(undefined), 1), '10.0.0.9');
  });

  it('spells a mapped IPv4 address as IPv4', () => {
    assert.equal(clientAddress(request(undefined, '::ffff:192.0.2.1'), 0), '192.0.2.1');
  });

  it('puts an IPv4 /24 and an IPv6 /64 into one network', () => {
    assert.equal(networkOf('192.0.2.1'), networkOf('192.0.2.200'));
    assert.notEqual(networkOf('192.0.2.1'), networkOf('192.0.3.1'));
    assert.equal(networkOf('2001:db8::1'), networkOf('2001:db8::ffff:1'));
    assert.notEqual(networkOf('2001:db8::1'), networkOf('2001:db8:0:1::1'));
    assert.equal(networkOf('::ffff:192.0.2.1'), networkOf('192.0.2.77'));
  });

  it('reads only the end of a header of 10 kB', () => {
    assert.equal(clientAddress(request(`${'1.1.1.1,'.repeat(1_300)}203.0.113.7`), 1), '203.0.113.7');
  });
});

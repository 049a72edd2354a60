import assert from 'node:assert/strict';
import { agentFamily, fingerprintOf } from './fingerprint.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const CHROME = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36';

describe('a fingerprint', () => {
  it('knows families, not versions', () => {
    assert.equal(agentFamily(FIREFOX), 'Firefox');
    assert.equal(agentFamily(CHROME), 'Chrome');
    assert.equal(agentFamily(`${CHROME} Edg/138.0`), 'Edg');
    assert.equal(agentFamily(''), 'other');
  });

  it('is the same within a network and for an IPv4 address written as IPv6', () => {
    const home = fingerprintOf('token', FIREFOX, '203.0.113.7');
    assert.deepEqual(fingerprintOf('token', FIREFOX, '203.0.113.250'), home);
    assert.deepEqual(fingerprintOf('token', FIREFOX, '::ffff:203.0.113.9'), home);
    assert.notEqual(fingerprintOf('token', FIREFOX, '203.0.114.7').network, home.network);
    const six = fingerprintOf('token', FIREFOX, '2001:db8:1:2::1');
    assert.deepEqual(fingerprintOf('token', FIREFOX, '2001:db8:1:2:ffff::9'), six);
    assert.notEqual(fingerprintOf('token', FIREFOX, '2001:db8:1:3::1').network, six.network);
  });

  it('cannot be compared between sessions', () => {
    assert.notDeepEqual(fingerprintOf('one', FIREFOX, '203.0.113.7'), fingerprintOf('two', FIREFOX, '203.0.113.7'));
  });
});

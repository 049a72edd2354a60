import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoFolders, serveFolder } from './home.ts';
import { demoDataDir, rootDir } from './paths.ts';
import { addressElsewhere } from './reach.ts';
import { findTarget } from './replay-target.ts';

describe('the folder of a box', () => {
  it('is one for every demo and another for a real box, unless it is named', () => {
    assert.equal(serveFolder(undefined, true), demoDataDir);
    assert.equal(serveFolder(undefined, false), join(rootDir, 'data'));
    assert.equal(serveFolder('/elsewhere', true), '/elsewhere');
    assert.deepEqual(demoFolders(undefined), [demoDataDir, join(rootDir, 'data')]);
    assert.deepEqual(demoFolders('/elsewhere'), ['/elsewhere']);
  });

  it('without a demo is named with what to do instead', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bas-home-'));
    const folders = [join(folder, 'a'), join(folder, 'b')];
    const target = { url: undefined, tenant: undefined, device: 'd', folders };
    await assert.rejects(
      findTarget({ ...target, env: {} }),
      /no demo\.json in .*a or .*b: start the demo, or give --url/,
    );
    rmSync(folder, { recursive: true });
  });
});

describe('the address for other machines', () => {
  const inner = { netmask: '', mac: '', cidr: null, internal: true, address: '127.0.0.1', family: 'IPv4' as const };
  const outer = { ...inner, internal: false, address: '192.0.2.7' };

  it("is the machine's own when a server listens on all", () => {
    const found = { lo: [inner], eth0: [outer] };
    assert.equal(addressElsewhere('0.0.0.0', 'https://127.0.0.1:8443', found), 'https://192.0.2.7:8443');
    assert.equal(addressElsewhere('192.0.2.7', 'https://192.0.2.7:8443', found), null);
    assert.equal(addressElsewhere('0.0.0.0', 'http://127.0.0.1:8090', { lo: [inner] }), null);
  });
});

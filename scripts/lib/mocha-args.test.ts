import assert from 'node:assert/strict';
import { UsageError } from './cli.ts';
import { mochaArgs } from './mocha-args.ts';

describe('npm test arguments', () => {
  it('run everything when no file is named', () => {
    const args = mochaArgs(['-g', 'sessions']);
    assert.deepEqual(args.slice(0, 2), ['-g', 'sessions']);
    assert.ok(args.includes('functions/test/**/*.test.ts'));
  });

  it('take a bare word as part of a file name, and keep globs and paths', () => {
    const [word, glob, path] = mochaArgs(['telemetry-store', 'functions/test/*.test.ts', 'package.json']);
    assert.equal(word, '{functions/core,functions/test,hosting/src,hosting/test,scripts}/**/*telemetry-store*.test.ts');
    assert.equal(glob, 'functions/test/*.test.ts');
    assert.equal(path, 'package.json');
    assert.deepEqual(mochaArgs(['functions/test/']), ['functions/test/**/*.test.ts']);
  });

  it('that mean nothing are refused', () => {
    assert.throws(() => mochaArgs(['nosuchtest']), /No test file has "nosuchtest" in its name/);
    assert.throws(() => mochaArgs(['--frob']), UsageError);
    assert.deepEqual(mochaArgs(['--grep=x', 'cli']).slice(0, 1), ['--grep=x']);
  });
});

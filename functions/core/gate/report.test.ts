import assert from 'node:assert/strict';
import { FINDINGS, type Finding, type FindingCode } from './findings.ts';
import { blockersOf, describe as inOneLine, GateReport, stateOf, type Move } from './report.ts';

const finding = (code: FindingCode, concern: Finding['concern'] = null): Finding => ({
  code,
  concern,
  subject: `something ${code}`,
  detail: 'as it is.',
  since_ms: 1_000,
});

const report = (...findings: Finding[]): GateReport => ({
  state: stateOf(findings),
  checked_ms: 2_000,
  next_check_ms: 3_000,
  about: 'cloud/p@v',
  findings,
});

const blocking = (findings: readonly Finding[], move: Partial<Move> = {}): FindingCode[] =>
  blockersOf(report(...findings), { concern: 'telemetry', need: 'ready', emulator: false, ...move }).map(
    ({ code }) => code,
  );

describe('a gate report', () => {
  it('is ready only when all that a move waits for is good', () => {
    assert.equal(stateOf([finding('index_ready', 'telemetry'), finding('ttl_active', 'audit')]), 'ready');
    assert.equal(stateOf([finding('index_ready', 'telemetry'), finding('exemption_missing')]), 'ready');
    for (const [code, standing] of Object.entries(FINDINGS) as [FindingCode, string][]) {
      const expected = { good: 'ready', waiting: 'not_ready', wrong: 'not_ready' }[standing] ?? standing;
      assert.equal(stateOf([finding('index_ready', 'audit'), finding(code, 'telemetry')]), expected, code);
    }
  });

  it('lets writes go where time alone will mend, and reads only where all is good', () => {
    const building = [finding('index_creating', 'telemetry'), finding('ttl_creating', 'telemetry')];
    assert.deepEqual(blocking(building, { need: 'deployed' }), []);
    assert.deepEqual(blocking(building), ['index_creating', 'ttl_creating']);
    for (const code of ['index_missing', 'index_different', 'index_needs_repair', 'ttl_wrong_field'] as const) {
      assert.deepEqual(blocking([finding(code, 'telemetry')], { need: 'deployed' }), [code]);
    }
  });

  it("holds no move up for another's indexes, nor for what is only told", () => {
    const findings = [finding('index_missing', 'audit'), finding('exemption_missing'), finding('ttl_missing')];
    assert.deepEqual(blocking(findings), []);
    assert.deepEqual(blocking(findings, { concern: 'audit' }), ['index_missing']);
  });

  it('holds every move up while nothing is known, whatever was said of emulators', () => {
    for (const code of ['permission_denied', 'unreachable', 'unexpected'] as const) {
      assert.deepEqual(blocking([finding(code)], { need: 'deployed', emulator: true }), [code]);
    }
    assert.deepEqual(blocking([finding('index_missing', 'telemetry')], { emulator: true }), ['index_missing']);
  });

  it('lets an emulator pass only when it was said to be one', () => {
    assert.deepEqual(blocking([finding('emulator')]), ['emulator']);
    assert.deepEqual(blocking([finding('emulator')], { emulator: true }), []);
  });

  it('is the same after a way through JSON', () => {
    const one = report(finding('index_ready', 'telemetry'), finding('exemption_missing'));
    assert.deepEqual(GateReport.parse(JSON.parse(JSON.stringify(one))), one);
  });

  it('tells a finding in one line, and how long one that waits was seen to', () => {
    const waiting = finding('index_creating', 'telemetry');
    assert.equal(inOneLine(waiting, 1_000 + 59_000), 'something index_creating: as it is.');
    assert.equal(inOneLine(waiting, 1_000 + 720_000), 'something index_creating: as it is. Seen so for 12 min.');
    assert.equal(inOneLine(finding('index_ready'), 9_999_999), 'something index_ready: as it is.');
  });
});

import assert from 'node:assert/strict';
import { plainTags, unitOf, valueText } from './units.ts';

describe('units', () => {
  const plain = { tags: {} };

  it('are what a tag says, or the last word of a name, or what nearly everybody means', () => {
    assert.equal(unitOf('temperature', { tags: { 'unit.temperature': '°F' } }), '°F');
    assert.deepEqual(
      ['supply_temp_c', 'power_kw', 'air.flow.m3h', 'zone.humidity', 'co2', 'Temperature'].map((name) =>
        unitOf(name, plain),
      ),
      ['°C', 'kW', 'm³/h', '%', 'ppm', '°C'],
    );
  });

  it('are left out where nothing tells: a name that is a unit by itself is a name', () => {
    for (const name of ['c', 'state', 'constructor', 'x_constructor', 'mode_'])
      assert.equal(unitOf(name, plain), '', name);
    assert.equal(unitOf('temperature', undefined), '°C');
  });

  it('take a single letter for a unit only after a word that fits: it may be a phase or a zone', () => {
    const fitting = ['supply_temp_c', 'temp2_c', 'setpoint.c', 'current_a', 'voltage_v', 'active_power_w', 'delta_k'];
    assert.deepEqual(
      fitting.map((name) => unitOf(name, plain)),
      ['°C', '°C', '°C', 'A', 'V', 'W', 'K'],
    );
    for (const name of ['voltage_a', 'power_c', 'phase.a', 'current_c', 'zone_k', 'block-w', 'voltage_constructor'])
      assert.equal(unitOf(name, plain), '', name);
  });

  it('are not those of a quantity whose alarm or state is told', () => {
    for (const name of ['alarm_light', 'alarm_temperature', 'co2.status', 'fault_humidity'])
      assert.equal(unitOf(name, plain), '', name);
  });

  it('are told with the values, not among the tags', () => {
    assert.deepEqual(plainTags({ tags: { floor: '2', 'unit.flow': 'l/s' } }), [['floor', '2']]);
  });

  it('follow a value as people read it', () => {
    assert.equal(valueText(21.456, '°C'), '21.46 °C');
    assert.deepEqual([valueText(0.000123), valueText(0.0000000123), valueText(9e15)], ['0.000123', '1.23E-8', '9E15']);
    assert.equal(valueText(1_047_050.83, 'kWh'), `${(1_047_050.8).toLocaleString()} kWh`);
    assert.deepEqual(
      [true, false, 'auto'].map((value) => valueText(value)),
      ['yes', 'no', 'auto'],
    );
  });
});

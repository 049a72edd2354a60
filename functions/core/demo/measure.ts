/** What the demo's devices measure: a function of device and time alone, so that saying it again says the same. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';
import type { Metrics } from '../model/point.ts';
import { chance, flicker, seedOf, wander } from './noise.ts';
import { atWork, hourOf, OFFICE, workedHours, type Shift } from './working-time.ts';

export const KINDS = ['ahu', 'room', 'power_meter', 'chiller', 'heat_meter'] as const;
export type Kind = (typeof KINDS)[number];

/** Its time is that of the building's own clock. */
type Measure = (seed: number, local_ms: number) => Metrics;

const PLANT: Shift = { from: 6, to: 19.5, ramp: 0.4 };
/** A building is heated before people come. */
const HEATING: Shift = { from: 4, to: 17, ramp: 1.5 };
/** Meters count from here, and report the mean power since the reading before. */
const INSTALLED_MS = Date.UTC(2024, 0, 1);
const READING_MS = 5 * MINUTE_MS;
const SLOT_MS = 30 * MINUTE_MS;
/** Air is changed so slowly that what people leave in it is there for hours. */
const AIR_CHANGE_MS = 50 * MINUTE_MS;
const REMEMBERED_SLOTS = 12;
const FILTER_LIFE_MS = 60 * DAY_MS;
const KWH_PER_M3_K = 1.163;

const measures: Readonly<Record<Kind, Measure>> = {
  ahu: measureAhu,
  room: measureRoom,
  power_meter: measurePower,
  chiller: measureChiller,
  heat_meter: measureHeat,
};

/** The metrics of one device at one time of its building's clock. */
export function measure(kind: Kind, device_id: string, local_ms: number): Metrics {
  return measures[kind](seedOf(device_id), local_ms);
}

function measureAhu(seed: number, local_ms: number): Metrics {
  const on = atWork(local_ms, PLANT);
  const people = atWork(local_ms, OFFICE);
  const fan_pct = on * (38 + 34 * people + 5 * wander(seed, local_ms, 25 * MINUTE_MS));
  const dirt = (local_ms % FILTER_LIFE_MS) / FILTER_LIFE_MS;
  return {
    supply_temp_c: round(
      21.4 - 3.9 * on + 0.4 * wander(seed + 1, local_ms, 9 * MINUTE_MS) + 0.1 * flicker(seed, local_ms),
      1,
    ),
    return_temp_c: round(20.9 + 0.6 * on + 1.3 * people + 0.3 * wander(seed + 2, local_ms, 50 * MINUTE_MS), 1),
    fan_speed_pct: round(fan_pct, 1),
    filter_pa: round((95 + 110 * dirt) * (fan_pct / 75) ** 2 * (1 + 0.012 * flicker(seed + 3, local_ms)), 0),
    running: on > 0,
  };
}

function measureRoom(seed: number, local_ms: number): Metrics {
  const breathing = peopleInTheAir(seed, local_ms);
  const warmth = 20.2 + 1.1 * atWork(local_ms, PLANT) + 0.22 * breathing;
  return {
    temperature: round(warmth + 0.4 * wander(seed + 1, local_ms, 3 * HOUR_MS), 1),
    humidity: round(
      41 + 0.8 * breathing + 6 * wander(seed + 2, local_ms, 11 * HOUR_MS) + 0.2 * flicker(seed + 1, local_ms),
      1,
    ),
    co2: round(432 + 112 * breathing + 9 * wander(seed + 3, local_ms, 20 * MINUTE_MS) + 4 * flicker(seed, local_ms), 0),
    occupied: peopleIn(seed, Math.floor(local_ms / SLOT_MS)) > 0,
  };
}

/** People come and go by the half hour. */
function peopleIn(seed: number, slot: number): number {
  const likely = 0.75 * atWork((slot + 0.5) * SLOT_MS, OFFICE);
  return chance(seed, slot) < likely ? 1 + Math.floor(6 * chance(seed + 1, slot)) : 0;
}

/** People as the air remembers them: it follows those who are there, and forgets those who have left. */
function peopleInTheAir(seed: number, local_ms: number): number {
  const now = Math.floor(local_ms / SLOT_MS);
  let felt = 0;
  for (let slot = now - REMEMBERED_SLOTS; slot <= now; slot += 1) {
    const people = peopleIn(seed, slot);
    if (people > 0)
      felt += people * (forgotten(local_ms - slot * SLOT_MS) - forgotten(local_ms - (slot + 1) * SLOT_MS));
  }
  return felt;
}

function forgotten(after_ms: number): number {
  return after_ms <= 0 ? 0 : 1 - Math.exp(-after_ms / AIR_CHANGE_MS);
}

function measureChiller(seed: number, local_ms: number): Metrics {
  const on = atWork(local_ms, PLANT);
  const sun = Math.max(0, Math.sin(((hourOf(local_ms) - 7) / 13) * Math.PI));
  const load = on * (0.2 + 0.45 * sun + 0.15 * atWork(local_ms, OFFICE) + 0.1 * wander(seed, local_ms, 40 * MINUTE_MS));
  const supply_c = 13.5 - 7 * on + 0.3 * wander(seed + 1, local_ms, 8 * MINUTE_MS) + 0.1 * flicker(seed, local_ms);
  return {
    supply_temp_c: round(supply_c, 1),
    return_temp_c: round(supply_c + 0.4 + 6.5 * load, 1),
    power_kw: round(0.4 + (96 + 1.5 * flicker(seed + 1, local_ms)) * load, 1),
    state: stateOf(on, hourOf(local_ms) < 12),
  };
}

function stateOf(on: number, is_morning: boolean): string {
  if (on === 0) return 'off';
  if (on === 1) return 'cooling';
  return is_morning ? 'starting' : 'stopping';
}

/** What a counter shows: the steady part, the part of working hours, and what comes a little sooner or later. */
interface Load {
  readonly base_kw: number;
  readonly work_kw: number;
  readonly shift: Shift;
  readonly ripple_kwh: number;
}

function energyOf(load: Load, seed: number, local_ms: number): number {
  const steady_kwh = (load.base_kw * (local_ms - INSTALLED_MS)) / HOUR_MS;
  const worked = workedHours(local_ms, load.shift) - workedHours(INSTALLED_MS, load.shift);
  const slow = wander(seed, local_ms, 100 * MINUTE_MS);
  const quick = 0.15 * wander(seed + 1, local_ms, 17 * MINUTE_MS);
  return steady_kwh + load.work_kw * worked + load.ripple_kwh * (slow + quick);
}

function readMeter(load: Load, seed: number, local_ms: number): { power_kw: number; energy_kwh: number } {
  const energy_kwh = energyOf(load, seed, local_ms);
  const power_kw = ((energy_kwh - energyOf(load, seed, local_ms - READING_MS)) * HOUR_MS) / READING_MS;
  return { power_kw: round(power_kw, 1), energy_kwh: round(energy_kwh, 1) };
}

function measurePower(seed: number, local_ms: number): Metrics {
  return readMeter({ base_kw: 24, work_kw: 61, shift: OFFICE, ripple_kwh: 5 }, seed, local_ms);
}

function measureHeat(seed: number, local_ms: number): Metrics {
  const meter = readMeter({ base_kw: 18, work_kw: 74, shift: HEATING, ripple_kwh: 4 }, seed, local_ms);
  const supply_c = 58 + 0.09 * meter.power_kw + wander(seed + 2, local_ms, 70 * MINUTE_MS);
  const drop_k = 15 + 0.06 * meter.power_kw + 0.8 * wander(seed + 3, local_ms, 35 * MINUTE_MS);
  return {
    ...meter,
    supply_temp_c: round(supply_c, 1),
    return_temp_c: round(supply_c - drop_k, 1),
    flow_m3h: round(meter.power_kw / (KWH_PER_M3_K * drop_k), 2),
  };
}

function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

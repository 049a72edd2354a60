/** Every HTTPS function behind one, for a process of the functions framework: it runs one function each. */
import { doors } from '../../src/doors.ts';
import { https } from '../../src/runtime.ts';

const { ingestTelemetry, ...others } = doors;

export const everything = https(ingestTelemetry, ...Object.values(others));

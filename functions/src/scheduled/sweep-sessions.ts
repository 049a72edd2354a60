import { sweepSessions } from '@bas/core/sweeps';

export default sweepSessions;

import { sweepRetention } from '@bas/core/sweeps';

export default sweepRetention;

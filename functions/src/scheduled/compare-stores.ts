import { compareStores } from '@bas/core/cutover/schedules';

export default compareStores;

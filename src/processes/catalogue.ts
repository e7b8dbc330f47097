import type { Process } from './process';
import { salaryProcess } from './salary/process';

/** Every process there is. */
export const processes: readonly Process[] = [salaryProcess];

import { systemNames } from './systems';

/** Every database there is: one of each system that we run, and the central view's. */
export const databaseNames = [...systemNames, 'view'];

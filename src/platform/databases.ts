import { systemNames } from './systems';

/** Every database there is: one of each system that we run, the central view's, and the API's own. */
export const databaseNames = [...systemNames, 'view', 'api'];

import { currentRecording } from './record';

/** Records what the business calls the end of the case, e.g. `paid`, and gives it back. */
export function outcome<O extends string>(name: O): O {
  currentRecording().outcome = name;
  return name;
}

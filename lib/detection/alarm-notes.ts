import { processWide } from '../core/process-wide';

/** Alarms that can be noted at the same time. */
const MAX_NOTES = 100_000;

const notes = (): Set<string> => processWide('alarm-notes/1', () => new Set<string>());
const noteOf = (model: string, device: string): string => JSON.stringify([model, device]);

/**
 * Notes, for the whole process, that a device's alarm has begun or ended: whoever collects readings for the model then
 * knows which ones came during an alarm, however the nodes are wired.
 * @param model - the model's name
 */
export function noteAlarm(model: string, device: string, isOn: boolean): void {
  if (!isOn) notes().delete(noteOf(model, device));
  else if (notes().size < MAX_NOTES) notes().add(noteOf(model, device));
}

/** True while an alarm of the model is on for the device. */
export function inAlarm(model: string, device: string): boolean {
  return notes().size > 0 && notes().has(noteOf(model, device));
}

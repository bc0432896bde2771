import type { Episode, OpenAlarm } from './alarm-state';
import { dayAndTimeText, durationText, featureWords, outsideText, timeText } from '../readings/plain-words';

/** "pump-07: vibration is 8.2, expected 1.9 to 2.4; pressure moved first; warning since 14:02 UTC." */
export function raisedText(episode: Episode, alarm: OpenAlarm): string {
  const parts = [
    whatIsWrong(episode, 'is'),
    ...whatMovedFirst(alarm),
    `${alarm.severity} since ${timeText(episode.since)}`,
  ];
  return `${alarm.device}: ${parts.join('; ')}.`;
}

/** "pump-07: now critical, since 3 May 14:02 UTC; at worst vibration was 9.9, expected 1.9 to 2.4." */
export function changedText(episode: Episode, alarm: OpenAlarm): string {
  const since = dayAndTimeText(episode.since);
  if (alarm.returned !== null) {
    const lasted = durationText(Date.parse(alarm.returned) - Date.parse(episode.since));
    const over = `back to normal at ${timeText(alarm.returned)} after ${lasted}, not yet acknowledged`;
    return `${alarm.device}: ${over}; at worst ${whatIsWrong(episode, 'was')}.`;
  }
  const hasReturned = episode.alarm !== null && episode.alarm.returned !== null;
  const again = hasReturned ? `again ${alarm.severity}` : `now ${alarm.severity}`;
  const now = alarm.escalated ? `now ${alarm.severity}, as nobody has acknowledged it` : again;
  const change = alarm.acknowledged ? `${alarm.severity}, acknowledged` : now;
  return `${alarm.device}: ${change}, since ${since}; at worst ${whatIsWrong(episode, 'was')}.`;
}

/** "pump-07: back to normal at 14:20 UTC after 18 min; at worst vibration was 8.2, expected 1.9 to 2.4." */
export function clearedText(episode: Episode, alarm: OpenAlarm, until: string): string {
  const lasted = durationText(Date.parse(until) - Date.parse(episode.since));
  return `${alarm.device}: back to normal at ${timeText(until)} after ${lasted}; at worst ${whatIsWrong(episode, 'was')}.`;
}

/** The field that moved before all others, where there is one. */
function whatMovedFirst({ order: [first, second] }: OpenAlarm): readonly string[] {
  const isFirst = first !== undefined && second !== undefined && first.since < second.since;
  return isFirst ? [`${first.feature} moved first`] : [];
}

function whatIsWrong(episode: Episode, verb: 'is' | 'was'): string {
  const plural = verb === 'is' ? 'are' : 'were';
  const main = episode.worst.contributions[0];
  if (main === undefined) return `readings ${plural} unusual`;
  const [low, high] = main.expected;
  const what = featureWords(main.feature);
  if (what === null) return `readings ${plural} unusual for the time`;
  // Inside its range a field stands out by its company or its course: stuck, restless, not fitting the others.
  if (main.value >= low && main.value <= high) return `the course of ${what} ${verb} unusual`;
  return `${what} ${verb} ${outsideText(main.value, low, high)}`;
}

/**
 * What does `ml-detect` add to a flow's message? The same flow in a Node-RED process of its own, without `ml-detect`, with
 * a trained model and learning as it goes (4 fields, contributions on), one message after the other, in turns.
 */
import { join } from 'node:path';
import { quantileSorted } from '#lib/core/statistics';
import type { FlowFigures, FlowName } from './support/flow-process';
import { forked } from './support/forked';
import { bench, fixed, printMachine, printTable } from './support/report';
import { medianOf } from './support/timing';

const quantile = (values: readonly number[], p: number): number =>
  quantileSorted(
    [...values].sort((a, b) => a - b),
    p,
  );

bench(async () => {
  printMachine();
  const { latenciesUs, messagesPerSecond } = await forked<FlowFigures>(join('support', 'flow-process.js'));
  const plain = medianOf(latenciesUs.plain);
  const added = (flow: FlowName): Record<string, number> => ({
    added_us: medianOf(latenciesUs[flow]) - plain,
    p99_us: quantile(latenciesUs[flow], 0.99) - plain,
    messages_per_second: messagesPerSecond[flow],
  });
  const [trained, learning] = [added('trained'), added('learning')];
  printTable(
    ['ml-detect', 'a message takes, µs', 'added', '99 % at most', 'messages a second'],
    (['plain', 'trained', 'learning'] as const).map((flow) => [
      { plain: 'none', trained: 'auto', learning: 'learning as it goes' }[flow],
      fixed(medianOf(latenciesUs[flow]), 1),
      fixed(medianOf(latenciesUs[flow]) - plain, 1),
      fixed(quantile(latenciesUs[flow], 0.99) - plain, 1),
      fixed(messagesPerSecond[flow], 0),
    ]),
  );
  return { ...trained, learning, plain: { message_us: plain, messages_per_second: messagesPerSecond.plain } };
});

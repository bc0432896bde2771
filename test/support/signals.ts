import type { Random } from '#lib/core/random';

/** Gives a normal signal's next value. */
export type Signal = () => number;

/** Kinds of normal signals that plants have, each made anew from a generator. */
export const normalSignals: Readonly<Record<string, (random: Random) => Signal>> = {
  'white noise': (random) => () => random.normal(20, 1),
  'sluggish noise': (random) => {
    let x = 0;
    return () => 50 + (x = 0.99 * x + random.normal());
  },
  'a random walk': (random) => {
    let x = 0;
    return () => (x += random.normal());
  },
  'whole numbers': (random) => () => Math.round(random.normal(20, 0.3)),
  'a slow temperature in tenths': (random) => {
    let x = 0;
    return () => Math.round((60 + (x = 0.999 * x + random.normal(0, 0.02))) * 10) / 10;
  },
  'a constant': () => () => 5,
  'a constant that begins to vary': (random) => {
    let i = 0;
    return () => (i++ < 1000 ? 5 : random.normal(5, 1));
  },
  'a slow drift': (random) => {
    let i = 0;
    return () => 0.002 * i++ + random.normal();
  },
  'a daily rhythm, by the minute': (random) => {
    let minute = random.below(1440);
    return () => 10 * Math.sin((2 * Math.PI * minute++) / 1440) + random.normal();
  },
  'on and off, every minute or so': (random) => {
    let on = 0;
    return () => 10 * (on = random.uniform() < 0.02 ? 1 - on : on) + random.normal(0, 0.1);
  },
  'on and off, every few hours': (random) => {
    let on = 0;
    return () => 10 * (on = random.uniform() < 0.002 ? 1 - on : on) + random.normal(0, 0.1);
  },
  'a switch on a timer': () => {
    let i = 0;
    return () => (i++ % 600 < 200 ? 1 : 0);
  },
  'setpoints that change': (random) => {
    let level = 50;
    return () => (level = random.uniform() < 1 / 300 ? 30 + 10 * random.below(5) : level) + random.normal(0, 0.2);
  },
  'a few counts now and then': (random) => () => (random.uniform() < 0.03 ? 1 + random.below(3) : 0),
  'heavy tails': (random) => () => Math.exp(random.normal()),
  'a counter': (random) => {
    let x = 1e6;
    return () => (x += random.normal(5, 0.5));
  },
  'a tank that empties and is filled': (random) => {
    let level = 50;
    let rate = -0.1;
    return () => {
      level += rate + random.normal(0, 0.02);
      rate = level < 20 ? 1 : level > 80 ? -0.1 : rate;
      return level + random.normal(0, 0.05);
    };
  },
};

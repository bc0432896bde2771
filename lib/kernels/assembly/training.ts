// What training does once a batch: the loss and its gradient, and Adam's step.
import { add4, all4, load4, multiply4, store4, subtract4 } from './vector';

/**
 * Sum of the losses of `count` outputs (a multiple of 4), in double precision; `output` is replaced by their gradients times `weight`.
 * @param kind squared (0), absolute (1), Huber with threshold `parameter` (2), quantile `parameter` (3)
 * @param weight `count` floats: 0 for padding, else what one output's gradient counts
 */
export function loss(
  output: usize, target: usize, weight: usize, kind: u32, parameter: f32, count: u32,
): f64 {
  let sum: f64 = 0;
  const bytes: usize = count << 2;
  for (let at: usize = 0; at < bytes; at += 4) {
    const error = load<f32>(output + at) - load<f32>(target + at), w = load<f32>(weight + at);
    let value: f32, slope: f32;
    const size = abs(error);
    if (kind == 0) {
      value = error * error;
      slope = 2 * error;
    } else if (kind == 1) {
      value = size;
      slope = error > 0 ? 1 : error < 0 ? -1 : 0;
    } else if (kind == 2) {
      const inside = size <= parameter;
      value = inside ? <f32>0.5 * error * error : parameter * (size - <f32>0.5 * parameter);
      slope = inside ? error : error > 0 ? parameter : -parameter;
    } else {
      slope = error > 0 ? 1 - parameter : error < 0 ? -parameter : 0;
      value = slope * error;
    }
    if (w != 0) sum += <f64>value;
    store<f32>(output + at, slope * w);
  }
  return sum;
}

/**
 * One step of Adam (Kingma & Ba 2015, algorithm 1) on `count` parameters, a multiple of 4.
 * @param first, second running moments; @param bias1, bias2 1 − βᵗ of this step
 */
export function adam(
  parameters: usize, gradient: usize, first: usize, second: usize, count: u32,
  rate: f32, beta1: f32, beta2: f32, epsilon: f32, bias1: f32, bias2: f32,
): void {
  const b1 = all4(beta1), b2 = all4(beta2), rest1 = all4(1 - beta1), rest2 = all4(1 - beta2);
  const step = all4(rate / bias1), unbias2 = all4(1 / bias2), small = all4(epsilon);
  const bytes: usize = count << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    const g = load4(gradient + at);
    const m = add4(multiply4(b1, load4(first + at)), multiply4(rest1, g));
    const v = add4(multiply4(b2, load4(second + at)), multiply4(rest2, multiply4(g, g)));
    store4(first + at, m);
    store4(second + at, v);
    const change = f32x4.div(multiply4(step, m), add4(f32x4.sqrt(multiply4(v, unbias2)), small));
    store4(parameters + at, subtract4(load4(parameters + at), change));
  }
}

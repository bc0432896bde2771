// Recurrent cells, fused: gates in, activations and state out, in one pass over memory.
import {
  add4, all4, load4, multiply4, multiplyAdd4, relu4, sigmoid4, store4, subtract4, tanh4,
} from './vector';

/** The cell's activation and its slope, the slope from the activated value: tanh (0) or relu (1). */
// @ts-ignore: decorator
@inline function activate4(value: v128, relu: u32): v128 {
  return relu ? relu4(value) : tanh4(value);
}
// @ts-ignore: decorator
@inline function slope4(activated: v128, relu: u32): v128 {
  return relu
    ? v128.and(all4(1), f32x4.gt(activated, all4(0)))
    : subtract4(all4(1), multiply4(activated, activated));
}
// @ts-ignore: decorator
@inline function sigmoidSlope4(activated: v128): v128 {
  return multiply4(activated, subtract4(all4(1), activated));
}

/**
 * One LSTM step. `gates` holds four blocks of `count` (input, forget, cell, output), replaced by their activations.
 * `count` = units × batch, a multiple of 4, here and below.
 * @param previousCell c of the step before; @param cell c, out; @param activatedCell activation of c, out; @param hidden h, out
 */
export function lstmForward(
  gates: usize, previousCell: usize, cell: usize, activatedCell: usize, hidden: usize, count: u32, relu: u32,
): void {
  const bytes: usize = count << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    const g0 = gates + at, g1 = g0 + bytes, g2 = g1 + bytes, g3 = g2 + bytes;
    const input = sigmoid4(load4(g0)), forget = sigmoid4(load4(g1));
    const candidate = activate4(load4(g2), relu), output = sigmoid4(load4(g3));
    store4(g0, input); store4(g1, forget); store4(g2, candidate); store4(g3, output);
    const c = add4(multiply4(forget, load4(previousCell + at)), multiply4(input, candidate));
    const activated = activate4(c, relu);
    store4(cell + at, c);
    store4(activatedCell + at, activated);
    store4(hidden + at, multiply4(output, activated));
  }
}

/**
 * The way back through `lstmForward`.
 * @param dHidden gradient by h; @param dCell gradient by c, replaced by that of the step before; @param dGates gradient by the gates, out
 */
export function lstmBackward(
  gates: usize, previousCell: usize, activatedCell: usize, dHidden: usize, dCell: usize, dGates: usize,
  count: u32, relu: u32,
): void {
  const bytes: usize = count << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    const g0 = gates + at, g1 = g0 + bytes, g2 = g1 + bytes, g3 = g2 + bytes;
    const input = load4(g0), forget = load4(g1), candidate = load4(g2), output = load4(g3);
    const activated = load4(activatedCell + at), dh = load4(dHidden + at);
    const dc = multiplyAdd4(multiply4(dh, output), slope4(activated, relu), load4(dCell + at));
    const to = dGates + at;
    store4(to, multiply4(multiply4(dc, candidate), sigmoidSlope4(input)));
    store4(to + bytes, multiply4(multiply4(dc, load4(previousCell + at)), sigmoidSlope4(forget)));
    store4(to + 2 * bytes, multiply4(multiply4(dc, input), slope4(candidate, relu)));
    store4(to + 3 * bytes, multiply4(multiply4(dh, activated), sigmoidSlope4(output)));
    store4(dCell + at, multiply4(dc, forget));
  }
}

/**
 * One GRU step. `gates` holds four blocks of `count`: reset, update, and the candidate's input part and hidden part
 * (which the reset gate scales, as in cuDNN and PyTorch). The first three are replaced by their activations.
 */
export function gruForward(gates: usize, previousHidden: usize, hidden: usize, count: u32, relu: u32): void {
  const bytes: usize = count << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    const g0 = gates + at, g1 = g0 + bytes, g2 = g1 + bytes, g3 = g2 + bytes;
    const reset = sigmoid4(load4(g0)), update = sigmoid4(load4(g1));
    const candidate = activate4(multiplyAdd4(reset, load4(g3), load4(g2)), relu);
    store4(g0, reset); store4(g1, update); store4(g2, candidate);
    store4(hidden + at, multiplyAdd4(update, subtract4(load4(previousHidden + at), candidate), candidate));
  }
}

/** The way back through `gruForward`; `dHidden` is replaced by the part that goes straight to the hidden state before. */
export function gruBackward(
  gates: usize, previousHidden: usize, dHidden: usize, dGates: usize, count: u32, relu: u32,
): void {
  const bytes: usize = count << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    const g0 = gates + at, g1 = g0 + bytes, g2 = g1 + bytes, g3 = g2 + bytes;
    const reset = load4(g0), update = load4(g1), candidate = load4(g2), hiddenPart = load4(g3);
    const dh = load4(dHidden + at);
    const dCandidate = multiply4(multiply4(dh, subtract4(all4(1), update)), slope4(candidate, relu));
    const to = dGates + at;
    store4(to, multiply4(multiply4(dCandidate, hiddenPart), sigmoidSlope4(reset)));
    store4(
      to + bytes,
      multiply4(multiply4(dh, subtract4(load4(previousHidden + at), candidate)), sigmoidSlope4(update)),
    );
    store4(to + 2 * bytes, dCandidate);
    store4(to + 3 * bytes, multiply4(dCandidate, reset));
    store4(dHidden + at, multiply4(dh, update));
  }
}

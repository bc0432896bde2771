/**
 * The numeric kernels, all working on one memory. Addresses are byte offsets, multiples of 16; counts are in floats
 * (32 bits). The WebAssembly module and the plain twin implement the same interface and agree within float rounding.
 *
 * Layouts: activations are feature-major and batch-minor (`[feature][batch]`, batch a multiple of 8); weights lie in panels of
 * four rows (`[row / 4][column][4]`, rows a multiple of 4). Whoever calls pads with zeros, which stay zeros.
 */
export interface Kernels {
  /** c = weights · b (or += where `accumulate` is 1); weights `rows × inner`, b `inner × batch`, c `rows × batch`. */
  multiplyPanels(
    weights: number,
    panelStride: number,
    b: number,
    c: number,
    rows: number,
    inner: number,
    batch: number,
    accumulate: number,
  ): void;
  /** gradient += Σ d · inputᵀ over `steps` time steps, each `dStride` and `inputStride` floats from the last. */
  addOuterProducts(
    d: number,
    dStride: number,
    input: number,
    inputStride: number,
    gradient: number,
    panelStride: number,
    rows: number,
    inner: number,
    batch: number,
    steps: number,
  ): void;
  /** Panels of the transpose of the first `columns` (multiple of 4) columns. */
  transposePanels(from: number, fromStride: number, to: number, toStride: number, rows: number, columns: number): void;
  /** y = weights · x for a single input row. */
  multiplyVector(weights: number, panelStride: number, x: number, y: number, rows: number, inner: number): void;

  /** One LSTM step on four blocks of `count` gates (input, forget, cell, output). `relu` 1 takes relu for tanh. */
  lstmForward(
    gates: number,
    previousCell: number,
    cell: number,
    activatedCell: number,
    hidden: number,
    count: number,
    relu: number,
  ): void;
  lstmBackward(
    gates: number,
    previousCell: number,
    activatedCell: number,
    dHidden: number,
    dCell: number,
    dGates: number,
    count: number,
    relu: number,
  ): void;
  /** One GRU step on four blocks of `count` gates (reset, update, candidate's input part, candidate's hidden part). */
  gruForward(gates: number, previousHidden: number, hidden: number, count: number, relu: number): void;
  gruBackward(
    gates: number,
    previousHidden: number,
    dHidden: number,
    dGates: number,
    count: number,
    relu: number,
  ): void;

  /** to = a · b */
  multiply(a: number, b: number, to: number, count: number): void;
  /** to += a · b */
  addProduct(a: number, b: number, to: number, count: number): void;
  /** to += a */
  add(a: number, to: number, count: number): void;
  /** to = a */
  copy(a: number, to: number, count: number): void;
  /** to = value */
  fill(to: number, value: number, count: number): void;
  /** to = factor · to */
  scale(to: number, factor: number, count: number): void;
  /** Σ a² */
  sumOfSquares(a: number, count: number): number;
  /** Activates in place; `kind` is an `Activation`. */
  activate(to: number, kind: number, count: number): void;
  /** d *= slope of the activation whose value is y. */
  activateBackward(y: number, d: number, kind: number, count: number): void;
  /** Fills `mask` with 1 / keep or 0; `state` is four non-zero 32-bit words, moved on. */
  dropoutMask(mask: number, keep: number, state: number, count: number): void;

  /** Sum of the losses; `output` is replaced by their gradients times `weight`. `kind` is a `LossKind`. */
  loss(output: number, target: number, weight: number, kind: number, parameter: number, count: number): number;
  /** One step of Adam; `bias1`, `bias2` are 1 − βᵗ. */
  adam(
    parameters: number,
    gradient: number,
    first: number,
    second: number,
    count: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    bias1: number,
    bias2: number,
  ): void;

  /**
   * Sums the path lengths of each row over complete trees. Nodes are pairs (threshold, 4 · feature); leaves and sums are
   * 32-bit integers, in 1/65536, so that the order of adding does not matter.
   */
  forestPathLengths(
    nodes: number,
    leaves: number,
    x: number,
    sums: number,
    rows: number,
    columns: number,
    trees: number,
    depth: number,
  ): void;
}

export const Activation = { tanh: 0, relu: 1, sigmoid: 2 } as const;
export const LossKind = { squared: 0, absolute: 1, huber: 2, quantile: 3 } as const;

import type { Workspace } from '../kernels/loader';
import { STEP_BLOCK, type RecurrentShape } from './plan';

/** A recurrent layer's activations for one shard of a batch, and the way forward and back through one time step. */
export class RecurrentPass {
  /** A step's column: [hidden state before; inputs; 1], `inner × batch`. */
  readonly #columns: number;
  readonly #gates: number;
  readonly #cells: number;
  readonly #activatedCells: number;
  readonly #dGates: number;
  readonly #dCell: number;
  /** Gradient by [hidden state; inputs] of the step now at work, `back × batch`. */
  readonly #dColumn: number;
  readonly #masks: number;
  readonly #count: number;

  constructor(
    readonly shape: RecurrentShape,
    private readonly workspace: Workspace,
    private readonly batch: number,
    private readonly steps: number,
    /** True for the last recurrent layer, of which only the final state is handed on. */
    private readonly last: boolean,
  ) {
    const { padded, inner, back, dropout, kind } = shape;
    this.#count = padded * batch;
    this.#columns = workspace.allocate((steps + 1) * inner * batch);
    this.#gates = workspace.allocate(4 * this.#count * steps);
    this.#dGates = workspace.allocate(4 * this.#count * STEP_BLOCK);
    this.#dColumn = workspace.allocate(back * batch);
    const lstm = kind === 'lstm';
    this.#cells = workspace.allocate(lstm ? this.#count * (steps + 1) : 0);
    this.#activatedCells = workspace.allocate(lstm ? this.#count * steps : 0);
    this.#dCell = workspace.allocate(lstm ? this.#count : 0);
    this.#masks = workspace.allocate(dropout > 0 ? this.#count * (last ? 1 : steps) : 0);
    workspace.kernels.fill(this.#columns, 0, this.#count);
    if (lstm) workspace.kernels.fill(this.#cells, 0, this.#count);
    for (let step = 0; step <= steps; step++) {
      workspace.kernels.fill(this.#column(step) + 4 * (inner - 1) * batch, 1, batch);
    }
  }

  #column(step: number): number {
    return this.#columns + 4 * step * this.shape.inner * this.batch;
  }

  /** Where the inputs of a step are written, `inputs × batch`. */
  inputs(step: number): number {
    return this.#column(step) + 4 * this.#count;
  }

  /** The hidden state that a step makes, `padded × batch`. */
  #hidden(step: number): number {
    return this.#column(step + 1);
  }

  #mask(step: number): number {
    return this.#masks + (this.last ? 0 : 4 * step * this.#count);
  }

  /** Draws which outputs this batch drops. */
  drawMasks(state: number): void {
    const { dropout } = this.shape;
    if (dropout > 0) {
      const steps = this.last ? 1 : this.steps;
      this.workspace.kernels.dropoutMask(this.#masks, 1 - dropout, state, this.#count * steps);
    }
  }

  forward(step: number, weights: number): void {
    const { kernels } = this.workspace;
    const { rows, inner, kind, relu, padded } = this.shape;
    const count = this.#count;
    const gates = this.#gates + 16 * step * count;
    kernels.multiplyPanels(weights, 4 * inner, this.#column(step), gates, rows, inner, this.batch, 0);
    if (kind === 'lstm') {
      const cell = this.#cells + 4 * step * count;
      const activated = this.#activatedCells + 4 * step * count;
      kernels.lstmForward(gates, cell, cell + 4 * padded * this.batch, activated, this.#hidden(step), count, relu);
    } else {
      kernels.gruForward(gates, this.#column(step), this.#hidden(step), count, relu);
    }
  }

  /** Hands a step's output on to the layer above. */
  handOn(step: number, to: number, training: boolean): void {
    const { kernels } = this.workspace;
    if (training && this.shape.dropout > 0) kernels.multiply(this.#hidden(step), this.#mask(step), to, this.#count);
    else kernels.copy(this.#hidden(step), to, this.#count);
  }

  /** Before the way back: no gradient has come from the future yet. */
  startBackward(): void {
    const { kernels } = this.workspace;
    kernels.fill(this.#dColumn, 0, this.shape.back * this.batch);
    if (this.shape.kind === 'lstm') kernels.fill(this.#dCell, 0, this.#count);
  }

  /** Takes the gradient by a step's output from the layer above. */
  takeGradient(step: number, from: number): void {
    const { kernels } = this.workspace;
    if (this.shape.dropout > 0) kernels.addProduct(from, this.#mask(step), this.#dColumn, this.#count);
    else kernels.add(from, this.#dColumn, this.#count);
  }

  /** Gradient by a step's inputs, valid after `backward` of that step. */
  get inputGradient(): number {
    return this.#dColumn + 4 * this.#count;
  }

  /**
   * @param transposed - panels of the transposed weights, `back × rows`
   * @param gradient - where the gradient by the weights is summed
   */
  backward(step: number, transposed: number, gradient: number): void {
    const { kernels } = this.workspace;
    const { rows, inner, kind, relu, back, padded } = this.shape;
    const { batch } = this;
    const count = this.#count;
    const gates = this.#gates + 16 * step * count;
    const dGates = this.#dGates + 16 * (step % STEP_BLOCK) * count;
    if (kind === 'lstm') {
      const previousCell = this.#cells + 4 * step * count;
      const activated = this.#activatedCells + 4 * step * count;
      kernels.lstmBackward(gates, previousCell, activated, this.#dColumn, this.#dCell, dGates, count, relu);
      kernels.multiplyPanels(transposed, 4 * rows, dGates, this.#dColumn, back, rows, batch, 0);
    } else {
      kernels.gruBackward(gates, this.#column(step), this.#dColumn, dGates, count, relu);
      if (back > padded) kernels.fill(this.inputGradient, 0, (back - padded) * batch);
      kernels.multiplyPanels(transposed, 4 * rows, dGates, this.#dColumn, back, rows, batch, 1);
    }
    if (step % STEP_BLOCK === 0) {
      const steps = Math.min(STEP_BLOCK, this.steps - step);
      const column = this.#column(step);
      kernels.addOuterProducts(
        this.#dGates,
        rows * batch,
        column,
        inner * batch,
        gradient,
        4 * inner,
        rows,
        inner,
        batch,
        steps,
      );
    }
  }

  /** A GRU's candidate sees the hidden state and the inputs in separate blocks; the weights between are zero and stay so. */
  clearUnusedGradient(gradient: number): void {
    const { kind, padded, inner, paddedInputs } = this.shape;
    if (kind !== 'gru') return;
    const { kernels } = this.workspace;
    for (let row = 0; row < padded; row += 4) {
      kernels.fill(gradient + 4 * (2 * padded + row) * inner, 0, 4 * padded);
      kernels.fill(gradient + 4 * ((3 * padded + row) * inner + 4 * padded), 0, 4 * paddedInputs);
    }
  }
}

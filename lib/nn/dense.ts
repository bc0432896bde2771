import type { Workspace } from '../kernels/loader';
import type { DenseShape } from './plan';

/** A dense layer's activations for one shard of a batch. */
export class DensePass {
  /** [inputs; 1], `inner × batch`. */
  readonly column: number;
  readonly #dColumn: number;
  readonly #mask: number;
  /** What the activation gave, before dropout. */
  readonly #activated: number;
  readonly #count: number;

  constructor(
    readonly shape: DenseShape,
    private readonly workspace: Workspace,
    private readonly batch: number,
  ) {
    const { padded, inner, back, dropout } = shape;
    this.#count = padded * batch;
    this.column = workspace.allocate(inner * batch);
    this.#dColumn = workspace.allocate(back * batch);
    this.#mask = workspace.allocate(dropout > 0 ? this.#count : 0);
    this.#activated = workspace.allocate(dropout > 0 ? this.#count : 0);
    workspace.kernels.fill(this.column + 4 * (inner - 1) * batch, 1, batch);
  }

  drawMasks(state: number): void {
    const { dropout } = this.shape;
    if (dropout > 0) this.workspace.kernels.dropoutMask(this.#mask, 1 - dropout, state, this.#count);
  }

  /** Writes the outputs, `padded × batch`, to `to`. */
  forward(weights: number, to: number, training: boolean): void {
    const { kernels } = this.workspace;
    const { rows, inner, activation, dropout, units, padded } = this.shape;
    kernels.multiplyPanels(weights, 4 * inner, this.column, to, rows, inner, this.batch, 0);
    if (activation !== null) kernels.activate(to, activation, this.#count);
    // A sigmoid makes ½ of padding's 0; the layer above must not learn from it.
    kernels.fill(to + 4 * units * this.batch, 0, (padded - units) * this.batch);
    if (training && dropout > 0) {
      kernels.copy(to, this.#activated, this.#count);
      kernels.multiply(to, this.#mask, to, this.#count);
    }
  }

  /**
   * @param y - what `forward` wrote; @param d - gradient by it, overwritten
   * @returns where the gradient by the inputs lies
   */
  backward(y: number, d: number, transposed: number, gradient: number): number {
    const { kernels } = this.workspace;
    const { rows, inner, activation, back, dropout } = this.shape;
    if (dropout > 0) kernels.multiply(d, this.#mask, d, this.#count);
    if (activation !== null) kernels.activateBackward(dropout > 0 ? this.#activated : y, d, activation, this.#count);
    kernels.addOuterProducts(d, 0, this.column, 0, gradient, 4 * inner, rows, inner, this.batch, 1);
    if (back > 0) kernels.multiplyPanels(transposed, 4 * rows, d, this.#dColumn, back, rows, this.batch, 0);
    return this.#dColumn;
  }
}

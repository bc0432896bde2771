namespace FlowsightMl {
  export type ParamSpec = import('../dist/lib/core/params').ParamSpec;
  export type NumberSpec = Extract<ParamSpec, { type: 'int' | 'number' }>;

  /** The numbers in a node's form, as its runtime specifies them: the exported setting `mlDetectNumbers` of ml-detect. */
  function numbersOf(type: string): Readonly<Record<string, NumberSpec>> {
    const camelCase = type.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    return (RED.settings[`${camelCase}Numbers`] ?? {}) as Readonly<Record<string, NumberSpec>>;
  }

  /** What is wrong with text that should be a number, or null. Blank stands for the default; `${NAME}` is filled in later. */
  export function problemWithNumber(spec: NumberSpec | undefined, value: unknown): string | null {
    const text = (typeof value === 'string' || typeof value === 'number' ? String(value) : '').trim();
    if (text === '' || /^\$\{[^}]+\}$/.test(text)) return null;
    const number = Number(text);
    if (spec === undefined) return Number.isNaN(number) ? sharedWord('problem.number') : null;
    const { type, min, max } = spec;
    if (number >= min && number <= max && (type === 'number' || Number.isInteger(number))) return null;
    return sharedWord(type === 'int' ? 'problem.integerFromTo' : 'problem.numberFromTo', { min, max });
  }

  /** A validator for a number that the node's runtime specifies. */
  export function number(property: string): Validator {
    return function (value, _options) {
      const problem = problemWithNumber(numbersOf(this.type)[property], value);
      return problem === null ? true : `${labelOf(this.type, property)}: ${problem}`;
    };
  }

  export function unitOf({ unit }: NumberSpec): string {
    return unit === undefined ? '' : sharedWord(`unit.${unit}`);
  }

  /** Makes a text input one for a number: narrow, with the default in it while it is blank, and the unit behind. */
  export function dressNumber(input: HTMLInputElement, spec: NumberSpec): void {
    input.classList.add('ml-number');
    if (input.placeholder === '') input.placeholder = String(spec.default);
    const unit = unitOf(spec);
    if (unit === '') return;
    const behind = document.createElement('span');
    behind.className = 'ml-unit';
    behind.textContent = unit;
    input.after(behind);
  }

  export function dressNumbers(node: EditedNode, inputOf: (property: string) => HTMLInputElement | null): void {
    for (const [property, spec] of Object.entries(numbersOf(node.type))) {
      const input = inputOf(property);
      if (input !== null) dressNumber(input, spec);
    }
  }
}

namespace FlowsightMl {
  /** What the admin route answers, see nodes/ml-database/try-database.ts. */
  interface Trial {
    readonly works: boolean;
    readonly text: string;
  }

  const valueIn = (form: Element, property: string): string =>
    form.querySelector<HTMLInputElement>(`#node-config-input-${property}`)?.value ?? '';

  async function ask(node: EditedNode, form: Element): Promise<Trial> {
    const properties = Object.keys(node._def.defaults).filter((property) => property !== 'configVersion');
    const body = {
      ...Object.fromEntries(properties.map((property) => [property, valueIn(form, property)])),
      id: node.id as string,
      credentials: { password: valueIn(form, 'password'), url: valueIn(form, 'url') },
    };
    const options = { url: 'flowsight-ml/database', type: 'POST', contentType: 'application/json' };
    return (await $.ajax({ ...options, data: JSON.stringify(body) })) as Trial;
  }

  /** The button that tries what stands in the form of an `ml-database`, and says beneath what came of it. */
  export function prepareDatabaseTest(node: EditedNode): void {
    const form = formOf('node-config-input');
    const button = form.querySelector<HTMLButtonElement>('[data-test-database]')!;
    const answer = form.querySelector<HTMLElement>('[data-test-answer]')!;
    const say = ({ works, text }: Trial): void => {
      answer.textContent = text;
      answer.classList.toggle('ml-works', works);
      answer.classList.toggle('ml-fails', !works);
      button.disabled = false;
    };
    button.addEventListener('click', (event) => {
      event.preventDefault();
      button.disabled = true;
      answer.className = 'ml-answer';
      answer.textContent = sharedWord('test.running');
      ask(node, form).then(say, () => say({ works: false, text: sharedWord('test.failed') }));
    });
  }
}

import { existsSync } from 'node:fs';
import { type Browser, chromium, type ConsoleMessage, type Page } from 'playwright-core';

/** Where Chromium is, or undefined: the variable CHROMIUM says so, else the usual places are tried. */
export function findChromium(): string | undefined {
  const places = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return places.find((place) => place !== undefined && place !== '' && existsSync(place));
}

/** Node-RED's editor in headless Chromium. */
export class EditorPage {
  /** Whatever went wrong in the browser. */
  readonly problems: string[] = [];

  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
    url: string,
  ) {
    page.on('pageerror', (error) => this.problems.push(String(error.stack)));
    page.on('console', (message) => {
      // What the editor itself fetches from the internet is not there.
      if (
        isBad(message) &&
        message.location().url.startsWith(url) &&
        !message.text().includes('catalogue.nodered.org')
      ) {
        this.problems.push(message.text());
      }
    });
  }

  static async open(executablePath: string, url: string, size = { width: 1280, height: 900 }): Promise<EditorPage> {
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
    const browser = await chromium.launch({ executablePath, args });
    const editor = new EditorPage(browser, await browser.newPage({ viewport: size }), url);
    await editor.load(url);
    return editor;
  }

  /** Loads the editor, with the flows that are deployed. */
  async load(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.waitForFunction(
      "window.RED?.nodes?.getType('ml-train') && !document.querySelector('#red-ui-loading-progress')?.offsetParent",
    );
  }

  /** Drags a node from the palette to the canvas; returns its id. */
  async drop(type: string, x: number, y: number): Promise<string> {
    const entry = this.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await entry.dragTo(this.page.locator('#red-ui-workspace-chart'), { targetPosition: { x, y } });
    return this.page.evaluate<string>(`RED.nodes.filterNodes({ type: '${type}' }).at(-1).id`);
  }

  /** Opens a node's form, with all its sections. */
  async edit(id: string): Promise<void> {
    await this.page.evaluate(`RED.editor.edit(RED.nodes.node('${id}'))`);
    await this.page.locator('#node-input-name').waitFor();
    await this.formIsThere();
    await this.page.evaluate(
      "document.querySelectorAll('.flowsight-ml details').forEach((each) => { each.open = true; })",
    );
  }

  /** Opens the form of a config node from that of a node that uses it. */
  async editConfig(property: string): Promise<void> {
    await this.page.locator(`#node-input-btn-${property}-add`).click();
    await this.page.locator('#node-config-input-name').waitFor();
    await this.formIsThere();
  }

  /** Presses Done in the form that is on top. */
  async done(): Promise<void> {
    const configNode = this.page.locator('#node-config-dialog-ok');
    const button = (await configNode.isVisible()) ? configNode : this.page.locator('#node-dialog-ok');
    await button.click();
    await button.waitFor({ state: 'detached' });
  }

  /** A property of a node as the editor has it. */
  async property<T>(id: string, name: string): Promise<T> {
    return this.page.evaluate<T>(`RED.nodes.node('${id}').${name}`);
  }

  async deploy(): Promise<void> {
    const deployed = this.page.waitForResponse(
      (answer) => answer.url().endsWith('/flows') && answer.request().method() === 'POST',
    );
    await this.page.locator('#red-ui-header-button-deploy').click();
    const answer = await deployed;
    if (!answer.ok()) throw new Error(`Not deployed: ${answer.status()} ${await answer.text()}`);
  }

  async close(): Promise<void> {
    await this.browser.close();
  }

  /** A form slides in; when it is there, the editor raises it above the rest. */
  private async formIsThere(): Promise<void> {
    await this.page.waitForFunction("document.getElementById('red-ui-editor-stack').style.zIndex === '13'");
  }
}

function isBad(message: ConsoleMessage): boolean {
  return message.type() === 'error' || message.type() === 'warning';
}

/** Tells a tour on the terminal: numbered chapters, what is run, and what it prints, set apart by a bar. */
export class Narrator {
  #chapter = 0;
  readonly #bold: (text: string) => string;
  readonly #dim: (text: string) => string;

  constructor(colors = process.stdout.isTTY === true && !process.env.NO_COLOR) {
    const style = (code: number) => (text: string) => (colors ? `\u001b[${code}m${text}\u001b[0m` : text);
    this.#bold = style(1);
    this.#dim = style(2);
  }

  chapter(title: string): void {
    this.#chapter += 1;
    console.log(`\n${this.#bold(`${this.#chapter}. ${title}`)}`);
  }

  say(text: string): void {
    console.log(`   ${text}`);
  }

  /** A command, as somebody would type it. */
  command(text: string): void {
    console.log(`\n   $ ${text}`);
  }

  /** One line of what a command printed. */
  output(line: string): void {
    console.log(`   ${this.#dim("│")} ${line}`.trimEnd());
  }

  /** A change to a program, as a diff shows it. */
  edit(file: string, removed: string, added: string): void {
    this.say(`${file}:`);
    for (const line of removed.split("\n")) this.output(`- ${line}`);
    if (added) for (const line of added.split("\n")) this.output(`+ ${line}`);
  }
}

/** Runs one call of the engine; whatever fails becomes a short error that says what and why. */
export async function brief<T>(ready: Promise<void>, work: () => Promise<T> | T): Promise<T> {
  await ready;
  try {
    return await work();
  } catch (error) {
    throw shortened(error);
  }
}

/** The SDK prints an error's name and stack, some twice: neither helps who reads a preview. */
function shortened(error: unknown): Error {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  // A name such as TypeError says that the library is at fault, not the program.
  const short = new Error(/^(?:Error|Refusal)$/.test(name) ? message : `modelgateway: ${name}: ${message}`);
  short.name = "";
  short.stack = "";
  return short;
}

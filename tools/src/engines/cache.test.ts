import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder, fillFolder } from "./cache";

describe("cacheFolder", () => {
  const cases: [env: NodeJS.ProcessEnv, folder: string][] = [
    [{ HOME: "/home/ann" }, "/home/ann/.cache/modelgateway"],
    [{ HOME: "/home/ann", XDG_CACHE_HOME: "/var/cache/ann" }, "/var/cache/ann/modelgateway"],
    [{ HOME: "/home/ann", XDG_CACHE_HOME: "relative" }, "/home/ann/.cache/modelgateway"],
    [{ HOME: "/home/ann", XDG_CACHE_HOME: "" }, "/home/ann/.cache/modelgateway"],
  ];
  test.each(cases)("of %j", (env, folder) => expect(cacheFolder(env)).toBe(folder));
});

describe("fillFolder", () => {
  let cache: string;
  let folder: string;
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), "modelgateway-cache-"));
    folder = join(cache, "deeper", "engine-1.0.0");
  });
  afterEach(() => rm(cache, { recursive: true }));

  const fillWith = (text: string, isUsable: boolean) =>
    fillFolder(
      folder,
      (unfinished) => writeFile(join(unfinished, "engine"), text),
      async () => isUsable,
    );
  const content = () => readFile(join(folder, "engine"), "utf8");
  const folders = () => readdir(join(cache, "deeper"));

  test("makes the folder, and nothing else", async () => {
    await fillWith("new", false);
    expect(await content()).toBe("new");
    expect(await folders()).toEqual(["engine-1.0.0"]);
  });

  test.each([
    ["keeps", true, "old"],
    ["replaces", false, "new"],
  ])("%s a folder that another process made meanwhile (usable: %s)", async (_what, isUsable, expected) => {
    await fillWith("old", false);
    await fillWith("new", isUsable);
    expect(await content()).toBe(expected);
    expect(await folders()).toEqual(["engine-1.0.0"]);
  });

  test("leaves nothing behind when the fill fails", async () => {
    const fill = async (unfinished: string) => {
      await writeFile(join(unfinished, "engine"), "half");
      throw new Error("no space");
    };
    await expect(fillFolder(folder, fill, async () => false)).rejects.toThrow("no space");
    expect(await folders()).toEqual([]);
  });

  test("two at once do not hurt each other", async () => {
    await Promise.all([fillWith("one", true), fillWith("two", true)]);
    expect(await content()).toMatch(/^(one|two)$/);
    expect(await folders()).toEqual(["engine-1.0.0"]);
  });
});

import { randomBytes } from "node:crypto";

/**
 * A new object's id: a UUIDv7 without its dashes, so ids sort by time and begin with a decimal digit (until the
 * year 10000 or so), which no name does.
 */
export function newId(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return bytes.toString("hex");
}

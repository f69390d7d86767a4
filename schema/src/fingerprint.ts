import { createHash, createHmac } from "node:crypto";

/**
 * Tells whether two secret values are equal without showing either: `v1.<salt>.<80 bits of an HMAC>`. The salt
 * is public; 80 bits of a keyed hash do not help to guess a random key.
 */
export function fingerprint(salt: string, value: string): string {
  return `v1.${salt}.${createHmac("sha256", salt).update(value).digest("hex").slice(0, 20)}`;
}

/** The salt of an existing fingerprint, or one made from what names the object, so that a plan stays valid. */
export function saltFor(kind: string, owner: string, name: string, prior = ""): string {
  const known = /^v1\.([0-9a-f]{16})\./.exec(prior)?.[1];
  return known ?? createHash("sha256").update(`${kind}/${owner}/${name}`).digest("hex").slice(0, 16);
}

import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

/** Which value a ciphertext belongs to; it opens for no other. */
export interface Place {
  readonly kind: string;
  readonly id: string;
  readonly field: string;
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts the values of writeOnly fields with the gateway's master key (AES-256-GCM). */
export class Vault {
  readonly #key: Buffer;

  /** @param masterKey 32 bytes as 64 hex digits. */
  constructor(masterKey: string) {
    this.#key = Buffer.from(masterKey, "hex");
  }

  /** Equal for equal keys, and of no help to find one: stored to recognise a wrong key at start. */
  get check(): string {
    return createHmac("sha256", this.#key).update("modelgateway master key").digest("hex");
  }

  encrypt(place: Place, value: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key, iv).setAAD(associatedData(place));
    const text = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), text]).toString("base64");
  }

  /** Throws where the ciphertext was changed, or belongs to another place. */
  decrypt(place: Place, ciphertext: string): string {
    const bytes = Buffer.from(ciphertext, "base64");
    const decipher = createDecipheriv("aes-256-gcm", this.#key, bytes.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(associatedData(place))
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
  }
}

const associatedData = ({ kind, id, field }: Place): Buffer => Buffer.from(`${kind}/${id}/${field}`);

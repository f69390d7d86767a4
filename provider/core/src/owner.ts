/** Who writes: the stack or configuration, and the object's logical name in it. Empty: none. */
export interface Owner {
  readonly managedBy: string;
  readonly managedAs: string;
}

export { type DataDir, dataDir, masterKey, readOrCreate } from "./data-dir";
export { openSqlite, StoreRefusal } from "./sqlite";
export { type Commit, type Contents, type Row, type Secret, Store, type Token } from "./store";
export { Vault } from "./vault";

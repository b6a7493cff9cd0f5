/** Every command on a server, and what may come of it. */
export * from "./build.ts";
export * from "./create.ts";
export * from "./delete.ts";
export * from "./lock.ts";
export * from "./placement.ts";
export * from "./power.ts";
export * from "./update.ts";

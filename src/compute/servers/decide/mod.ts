/** Every command on a server, and what may come of it. */
export * from "./admin.ts";
export * from "./build.ts";
export * from "./create.ts";
export * from "./create_devices.ts";
export * from "./delete.ts";
export * from "./image.ts";
export * from "./lock.ts";
export * from "./operate.ts";
export * from "./periodic.ts";
export * from "./placement.ts";
export * from "./rebuild.ts";
export * from "./restore.ts";
export * from "./unshelve.ts";
export * from "./update.ts";
export * from "./volumes.ts";

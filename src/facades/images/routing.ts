/** How paths of the image service find their operations. */
import type { FacadeOperation } from "../endpoint.ts";

/** What answers each method. */
export type Methods = Partial<
  Record<"GET" | "POST" | "PUT" | "PATCH" | "DELETE", FacadeOperation>
>;

/** Says what answers the methods of a path; other methods are refused. */
export type Route = (path: string, methods: Methods) => void;

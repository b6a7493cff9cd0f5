/** What a list of images is asked for, in the words of the Image API; images.py, `_get_filters`. */

/** Nova's parameters, and the Image API's. */
const FILTERS: Readonly<Record<string, string>> = {
  name: "name",
  status: "status",
  "changes-since": "updated_at",
  server: "instance_uuid",
  type: "image_type",
  minRam: "min_ram",
  minDisk: "min_disk",
};

const PROPERTY = "property-";

/**
 * The query for the image service: filters, and the paging parameters as they are.
 *
 * `property-os_type` is the property `os_type`, where Nova's own reading loses some first letters.
 */
export function imageQuery(query: URLSearchParams): URLSearchParams {
  const asked = new URLSearchParams();
  for (const name of new Set(query.keys())) {
    const value = query.getAll(name).at(-1)!;
    const filter = filterOf(name);
    if (filter !== undefined) asked.set(filter, valueOf(name, value));
    else if (name === "limit" || name === "marker") asked.set(name, value);
  }
  return asked;
}

function filterOf(name: string): string | undefined {
  if (Object.hasOwn(FILTERS, name)) return FILTERS[name];
  return name.startsWith(PROPERTY) ? name.slice(PROPERTY.length) : undefined;
}

function valueOf(name: string, value: string): string {
  switch (name) {
    case "status":
      return value.toLowerCase();
    case "changes-since":
      return `gte:${value}`;
    case "server":
      // A server may be named by its URL.
      return value.slice(value.lastIndexOf("/") + 1);
    default:
      return value;
  }
}

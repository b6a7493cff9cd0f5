/** URLs with places for ids: `http://host/v3/$(project_id)s`. Source: keystone/common/utils.py. */

/** What is put into the places. */
export interface UrlValues {
  readonly userId: string;
  /** Undefined for a token of no project. */
  readonly projectId: string | undefined;
}

const PLACE = /[$%]\((\w+)\)s/g;

const NAMES: Readonly<Record<string, keyof UrlValues>> = {
  tenant_id: "projectId",
  project_id: "projectId",
  user_id: "userId",
};

/** Whether all places of a URL can be filled in, and nothing in it is half a place. */
export function isTemplate(url: string): boolean {
  const names = [...url.matchAll(PLACE)].map(([, name]) => name!);
  const rest = url.replaceAll(PLACE, "").replaceAll("%%", "");
  return names.every((name) => Object.hasOwn(NAMES, name)) && !/%|\$\(/.test(rest);
}

/** The URL with its places filled in; undefined where there is nothing to put into one. */
export function filledIn(url: string, values: UrlValues): string | undefined {
  if (!isTemplate(url)) return undefined;
  let isWhole = true;
  const filled = url.replaceAll(PLACE, (_place, name: string) => {
    const value = values[NAMES[name]!];
    isWhole &&= value !== undefined;
    return value ?? "";
  });
  return isWhole ? filled.replaceAll("%%", "%") : undefined;
}

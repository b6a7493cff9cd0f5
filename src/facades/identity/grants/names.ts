/** Names of what role assignments are about. */
import type { Reader } from "../../../store/query.ts";
import { findDomain } from "../domains/projection.ts";
import { findGroup } from "../groups/projection.ts";
import { findProject } from "../projects/projection.ts";
import type { Role } from "../roles/decider.ts";
import { findUser } from "../users/projection.ts";
import type { GrantTarget } from "./grant.ts";

interface Named {
  readonly name: string;
  readonly domainId: string;
}

/** Names by id, each looked up once. */
export class Names {
  readonly #known = new Map<string, Promise<Named | undefined>>();

  constructor(
    private readonly reader: Reader,
    readonly roles: ReadonlyMap<string, Role>,
  ) {}

  async ofRole(id: string): Promise<object> {
    const role = this.roles.get(id);
    const domainId = role?.domainId ?? null;
    return {
      id,
      name: role?.name ?? "",
      ...(domainId !== null && { domain: await this.#domain(domainId) }),
    };
  }

  async ofUser(id: string): Promise<object> {
    const find = async () => (await findUser(this.reader, id))?.state;
    return await this.#inDomain(id, await this.#once(`user ${id}`, find));
  }

  async ofGroup(id: string): Promise<object> {
    const find = async () => (await findGroup(this.reader, id))?.state;
    return await this.#inDomain(id, await this.#once(`group ${id}`, find));
  }

  async ofScope(target: GrantTarget): Promise<object> {
    switch (target.on) {
      case "project":
        return { project: await this.#inDomain(target.id, await this.#project(target.id)) };
      case "domain":
        return { domain: await this.#domain(target.id) };
      case "system":
        return { system: { all: true } };
    }
  }

  /** The domain that a target is, or is in. */
  async domainOf(target: GrantTarget): Promise<string | undefined> {
    switch (target.on) {
      case "project":
        return (await this.#project(target.id))?.domainId;
      case "domain":
        return target.id;
      case "system":
        return undefined;
    }
  }

  async #inDomain(id: string, found: Named | undefined): Promise<object> {
    return { id, name: found?.name ?? "", domain: await this.#domain(found?.domainId ?? "") };
  }

  async #domain(id: string): Promise<object> {
    const found = await this.#once(`domain ${id}`, async () => {
      const domain = await findDomain(this.reader, id);
      return domain && { name: domain.state.name, domainId: id };
    });
    return { id, name: found?.name ?? "" };
  }

  #project(id: string): Promise<Named | undefined> {
    return this.#once(`project ${id}`, async () => (await findProject(this.reader, id))?.state);
  }

  #once(key: string, find: () => Promise<Named | undefined>): Promise<Named | undefined> {
    let known = this.#known.get(key);
    if (!known) {
      known = find();
      this.#known.set(key, known);
    }
    return known;
  }
}

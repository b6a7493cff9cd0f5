/** `/v3/OS-OAUTH1/consumers`. Source: keystone/api/os_oauth1.py. */
import { Hono } from "hono";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { extrasOf, newExtrasOf } from "../http/extras.ts";
import { fault } from "../http/faults.ts";
import { type PlainKind, PlainOperations } from "../http/plain_resource.ts";
import { createBody, textOrNull } from "../http/schema_parts.ts";
import { defined, idMatches } from "../http/views.ts";
import {
  type Consumer,
  type ConsumerEvent,
  consumerNotFound,
  createConsumer,
  deleteConsumer,
  updateConsumer,
} from "./decider.ts";
import { consumers } from "./projection.ts";

interface ConsumerBody {
  readonly id?: unknown;
  readonly description?: string | null;
}

const FIELDS = { description: textOrNull };

/** A secret is made here, whatever a body says. */
const KNOWN = { ...FIELDS, secret: textOrNull };

const createSchema = createBody("consumer", FIELDS, []);

const updateSchema = {
  ...createSchema,
  properties: {
    consumer: {
      type: "object",
      properties: FIELDS,
      not: { required: ["secret"] },
      minProperties: 1,
    },
  },
} as const;

const CONSUMER: PlainKind<Consumer, ConsumerEvent> = {
  one: "consumer",
  many: "consumers",
  path: "OS-OAUTH1/consumers",
  aggregate: consumers,
  order: "id",
  filters: [],
  rules: { list: "identity:list_consumers", get: "identity:get_consumer" },
  view: ({ extra, description }) => ({ ...extra, description }),
  notFound: consumerNotFound,
};

/** The routes under `/v3/OS-OAUTH1/consumers`. */
export function consumerRoutes(endpoints: IdentityEndpoints): Hono {
  const operations = new ConsumerOperations(endpoints.service, CONSUMER);
  const routes = new Hono();
  const one = "/:consumer_id";
  routes.get("/", endpoints.authenticated((request) => operations.list(request)));
  routes.post("/", endpoints.authenticated((request) => operations.create(request), createSchema));
  routes.get(
    one,
    endpoints.authenticated((request) => operations.show(request, request.param("consumer_id"))),
  );
  routes.patch(one, endpoints.authenticated((request) => operations.update(request), updateSchema));
  routes.delete(one, endpoints.authenticated((request) => operations.remove(request)));
  return routes;
}

class ConsumerOperations extends PlainOperations<Consumer, ConsumerEvent> {
  /** The secret is in this answer and nowhere else. */
  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const sent = request.body["consumer"] as ConsumerBody;
    // 32 hex digits that nobody can guess, whatever ids are made of.
    const secret = crypto.randomUUID().replaceAll("-", "");
    const consumer = {
      description: sent.description ?? null,
      secret: this.service.secrets.seal(secret),
      ...defined({ extra: newExtrasOf(sent, KNOWN) }),
    };
    return await this.change(request, {
      rule: "identity:create_consumer",
      command: "CreateConsumer",
      id: this.service.newId(),
      status: 201,
      decide: () => createConsumer({ type: "CreateConsumer", consumer }),
      once: { secret },
    });
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("consumer_id");
    const sent = request.body["consumer"] as ConsumerBody;
    if (!idMatches(sent.id, id)) return fault(400, "Cannot change ID");
    const { description } = sent;
    const changes = defined({ description, extra: extrasOf(sent, KNOWN) });
    return await this.change(request, {
      rule: "identity:update_consumer",
      command: "UpdateConsumer",
      id,
      status: 200,
      decide: (consumer) => updateConsumer({ type: "UpdateConsumer", changes }, consumer),
    });
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    return await this.change(request, {
      rule: "identity:delete_consumer",
      command: "DeleteConsumer",
      id: request.param("consumer_id"),
      status: 204,
      decide: (consumer) => deleteConsumer({ type: "DeleteConsumer" }, consumer),
    });
  }
}

/** `/v2/images/{id}/members`: the projects that an image is shared with. */
import type { Committer } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Reader } from "../../store/query.ts";
import { type FacadeOperation, type FacadeRequest, json } from "../endpoint.ts";
import { maySee } from "./access.ts";
import { malformed, refuse, refused, tooLarge } from "./answers.ts";
import { changeImage } from "./change.ts";
import { addMember, answerOffer, noMember, removeMember, visibleMembers } from "./decide/mod.ts";
import { findImage } from "./projection.ts";
import type { Image } from "./state.ts";
import { memberView } from "./view.ts";

interface Dependencies {
  readonly reader: Reader;
  readonly committer: Committer;
}

const notFound = (id: string) => `Image ${id} not found.`;

/** `GET …/members`. */
export function listMembers({ reader }: Dependencies): FacadeOperation {
  return async (request) => {
    const image = await visibleImage(reader, request);
    if (!image) return refuse(request, 404, notFound(request.param("id")));
    const id = request.param("id");
    const members = visibleMembers(id, image, request.caller);
    if (isRejection(members)) return refused(request, members);
    return json(200, {
      members: members.map((member) => memberView(id, member)),
      schema: "/v2/schemas/members",
    });
  };
}

/** `GET …/members/{member}`; those who may not see it are told that it is not there. */
export function showMember({ reader }: Dependencies): FacadeOperation {
  return async (request) => {
    const image = await visibleImage(reader, request);
    const [id, name] = [request.param("id"), request.param("member")];
    if (!image) return refuse(request, 404, notFound(id));
    const members = visibleMembers(id, image, request.caller);
    if (isRejection(members)) return refuse(request, 404, "Only shared images have members.");
    const member = members.find((candidate) => candidate.member === name);
    return member ? json(200, memberView(id, member)) : refused(request, noMember(id, name));
  };
}

async function visibleImage(reader: Reader, request: FacadeRequest): Promise<Image | undefined> {
  const found = await findImage(reader, request.param("id"));
  return found && maySee(found.state, request.caller) ? found.state : undefined;
}

/** `POST …/members`. */
export function createMember({ committer }: Dependencies): FacadeOperation {
  return async (request) => {
    const member = await readField(request, "member", {
      missing: "Member to be added not specified",
      wrong: 'Expected a member in the form: {"member": "image_id"}',
    });
    if (member instanceof Response) return member;
    if (typeof member !== "string" || member === "") {
      return refuse(request, 400, "Member can't be empty");
    }
    return await change(
      request,
      committer,
      member,
      "AddImageMember",
      (image, imageId) =>
        addMember({ type: "AddMember", imageId, member, by: request.caller }, image),
    );
  };
}

/** `PUT …/members/{member}`. */
export function updateMember({ committer }: Dependencies): FacadeOperation {
  return async (request) => {
    const status = await readField(request, "status", {
      missing: "Status not specified",
      wrong: 'Expected a status in the form: {"status": "status"}',
    });
    if (status instanceof Response) return status;
    const member = request.param("member");
    return await change(
      request,
      committer,
      member,
      "AnswerImageOffer",
      (image, imageId) =>
        answerOffer({ type: "AnswerOffer", imageId, member, by: request.caller, status }, image),
    );
  };
}

/** `DELETE …/members/{member}`. */
export function deleteMember({ committer }: Dependencies): FacadeOperation {
  return async (request) => {
    const member = request.param("member");
    const outcome = await changeImage(
      committer,
      request,
      { command: "RemoveImageMember", notFound },
      (image, imageId) =>
        removeMember({ type: "RemoveMember", imageId, member, by: request.caller }, image),
    );
    return isRejection(outcome) ? refused(request, outcome) : new Response(null, { status: 204 });
  };
}

async function change(
  request: FacadeRequest,
  committer: Committer,
  member: string,
  command: string,
  decide: Parameters<typeof changeImage>[3],
): Promise<Response> {
  const outcome = await changeImage(committer, request, { command, notFound }, decide);
  if (isRejection(outcome)) return refused(request, outcome);
  const changed = outcome.state.members.find((candidate) => candidate.member === member)!;
  return json(200, memberView(outcome.id, changed));
}

/** One field of a body that must be an object; or the answer to a body that is none. */
async function readField(
  request: FacadeRequest,
  name: string,
  words: { readonly missing: string; readonly wrong: string },
): Promise<unknown> {
  const reading = await request.json();
  if (!reading) return tooLarge(request);
  if ("malformed" in reading) return malformed(request);
  const { value } = reading;
  if (value === null) return refuse(request, 400, "Body expected in request.");
  if (typeof value !== "object" || Array.isArray(value)) return refuse(request, 400, words.wrong);
  if (!Object.hasOwn(value, name)) return refuse(request, 400, words.missing);
  return (value as Record<string, unknown>)[name];
}

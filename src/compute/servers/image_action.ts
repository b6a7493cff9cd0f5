/** `createImage`: of a server that boots from a volume an image is made in another way. */
import type { NovaRequest, Outcome } from "../../http/endpoint.ts";
import { isFault } from "../../http/faults.ts";
import type { NewImageValue } from "./actions/image.ts";
import { type AskedCommand, commandFound, findForCommand } from "./command_action.ts";
import { findServer } from "./projection.ts";
import type { ServersService } from "./service.ts";
import { isVolumeBacked } from "./state.ts";
import { createVolumeImage } from "./volume_image.ts";

/** Has an image made of a server: of its volumes, or of its disk. */
export async function imageServer(
  service: ServersService,
  request: NovaRequest,
  asked: AskedCommand,
): Promise<Outcome> {
  const found = await findForCommand(service, request, asked);
  if (isFault(found)) return found;
  const server = (await findServer(service.dependencies.reader, found.id))!;
  return isVolumeBacked(server.state)
    ? await createVolumeImage(service, request, server, asked.value as NewImageValue)
    : await commandFound(service, request, { ...asked, found });
}

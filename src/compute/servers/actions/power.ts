/** Actions on a machine that is there: its power, its rescue, its password. */
import { fault } from "../../../http/faults.ts";
import { generatePassword } from "../generate.ts";
import { changePasswordSchema, rebootSchema, rescueSchema } from "../schemas.ts";
import { type Action, operate, plainOperation } from "./action.ts";

export const powerActions: Readonly<Record<string, Action>> = {
  "os-start": plainOperation({ name: "start", input: {} }, "os_compute_api:servers:start"),
  "os-stop": plainOperation({ name: "stop", input: {} }, "os_compute_api:servers:stop"),
  pause: plainOperation({ name: "pause", input: {} }, "os_compute_api:os-pause-server:pause"),
  unpause: plainOperation({ name: "unpause", input: {} }, "os_compute_api:os-pause-server:unpause"),
  suspend: plainOperation(
    { name: "suspend", input: {} },
    "os_compute_api:os-suspend-server:suspend",
  ),
  resume: plainOperation({ name: "resume", input: {} }, "os_compute_api:os-suspend-server:resume"),
  unrescue: plainOperation({ name: "unrescue", input: {} }, "os_compute_api:os-unrescue"),
  reboot: {
    rule: "os_compute_api:servers:reboot",
    schema: () => rebootSchema,
    success: 202,
    command(request) {
      const { type } = request.value as { type: string };
      const name = type.toUpperCase() === "SOFT" ? "softReboot" : "hardReboot";
      return operate(request, { name, input: {} });
    },
  },
  rescue: {
    rule: "os_compute_api:os-rescue",
    schema: () => rescueSchema,
    success: 200,
    names: (value) => ({
      image: (value as { rescue_image_ref?: string } | null)?.rescue_image_ref,
    }),
    command(request) {
      const value = request.value as { adminPass?: string; rescue_image_ref?: string } | null;
      const imageId = value?.rescue_image_ref ?? null;
      if (imageId !== null && !request.facts.image) {
        return fault(400, "Can not find requested image");
      }
      const adminPass = value?.adminPass ?? generatePassword();
      const input = { adminPass: request.seal(adminPass), imageId };
      return {
        ...operate(request, { name: "rescue", input }),
        answer: { of: "body", body: { adminPass } },
      };
    },
  },
  changePassword: {
    rule: "os_compute_api:os-admin-password",
    schema: () => changePasswordSchema,
    success: 202,
    command(request) {
      const { adminPass } = request.value as { adminPass: string };
      const input = { adminPass: request.seal(adminPass) };
      return operate(request, { name: "changePassword", input });
    },
  },
};

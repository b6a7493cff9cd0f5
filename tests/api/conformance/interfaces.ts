import type { Answered } from "../../kit/cloud.ts";
import { neutron } from "../../kit/networks.ts";
import { type Json, type Sample, samplesOf } from "../../kit/samples.ts";
import { type Asked, unlessRequest } from "./asked.ts";

/** Sends a sample's request for a new server; ports and networks are those that there are. */
async function attach(asked: Asked, server: string, request: Sample): Promise<Answered> {
  const { cloud, mv } = asked;
  const body = structuredClone(request.json);
  const { interfaceAttachment } = body;
  const network_id = await cloud.networkId();
  if (interfaceAttachment.net_id) {
    interfaceAttachment.net_id = network_id;
    interfaceAttachment.fixed_ips = [{ ip_address: "10.0.9.9" }];
  } else {
    const { port } = await neutron(cloud, "POST", "ports", { port: { network_id } });
    interfaceAttachment.port_id = port.id;
  }
  const path = `/v2.1/servers/${server}/os-interface`;
  return await cloud.ask("member", "POST", path, { mv, body });
}

/** Attaches what the sample, or its request, says. */
export async function attachInterface(asked: Asked): Promise<Answered | null> {
  const request = asked.sample.file.endsWith("-req.json") ? asked.sample : requestAt(asked);
  return unlessRequest(asked, await attach(asked, await asked.cloud.create(), request));
}

function requestAt({ mv }: Asked): Sample {
  return samplesOf("os-attach-interfaces")
    .find((one) => one.mv === mv && one.file === "attach-interfaces-create-req.json")!;
}

/** The interface of a server, or all of them. */
export async function interfaces(asked: Asked): Promise<Answered> {
  const { cloud, sample, mv } = asked;
  const server = await cloud.create();
  const made = await attach(asked, server, requestAt(asked));
  await cloud.cloud.settled();
  const { port_id } = (made.json as Json).interfaceAttachment;
  const one = sample.json.interfaceAttachment ? `/${port_id}` : "";
  return await cloud.ask("member", "GET", `/v2.1/servers/${server}/os-interface${one}`, { mv });
}

/** `serve`: opens the cloud in the data folder and answers requests until it is told to stop. */
import { join } from "node:path";
import { openChronova } from "../app.ts";
import { pointCloudsYaml, writeCloudsYaml } from "../clouds_yaml.ts";
import type { Settings } from "../config.ts";
import { LineLog, type LogLevel } from "../http/log.ts";

/** Serves until SIGINT or SIGTERM; what was accepted by then is answered first. */
export async function serveCommand(settings: Settings): Promise<number> {
  const log = new LineLog(settings.logLevel as LogLevel, Date.now);
  const clouds = join(settings.dataDir, "clouds.yaml");
  const cloud = await openChronova(settings, {
    clock: Date.now,
    log,
    keepPasswords: (passwords) => writeCloudsYaml(clouds, urlOf(settings), passwords),
  });
  const listening = Promise.withResolvers<Deno.NetAddr>();
  const server = Deno.serve({
    hostname: settings.host,
    port: settings.port,
    onListen: listening.resolve,
  }, cloud.fetch);
  const url = urlOf({ ...settings, port: (await listening.promise).port });
  await pointCloudsYaml(clouds, url);
  console.log(
    `chronova serves ${url} – try: ` +
      `OS_CLIENT_CONFIG_FILE=${clouds} openstack --os-cloud chronova server list`,
  );
  await stopSignal();
  cloud.release();
  await server.shutdown();
  await cloud.close();
  log.flush();
  return 0;
}

function urlOf({ host, port }: Pick<Settings, "host" | "port">): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, resolve);
    }
  });
}

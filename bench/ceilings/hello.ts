/** The least that answers HTTP; its argument is the port. */
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]) }, () => new Response("hello"));

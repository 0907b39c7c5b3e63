// PostGraphile as its documentation has it, over the schema `public`; the database is named by
// PGHOST, PGUSER, PGPASSWORD and PGDATABASE. Runs in the folder that it is installed in.
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const { values } = parseArgs({ options: { port: { type: "string" } } });
const { env } = process;
const place = `${env.PGUSER}:${env.PGPASSWORD}@${encodeURIComponent(env.PGHOST)}`;
const served = postgraphile({
    extends: [PostGraphileAmberPreset],
    pgServices: [
        makePgService({
            connectionString: `postgres://${place}/${env.PGDATABASE}`,
            schemas: ["public"],
            poolConfig: { max: 10 },
        }),
    ],
    grafserv: { graphiql: false, watch: false },
    grafast: { explain: false },
}).createServ(grafserv);
const server = createServer();
await served.addTo(server);
await served.ready;
server.listen(Number(values.port), "127.0.0.1");

// `@apollo/gateway` behind `@apollo/server`: node gateway_apollo.mjs PACKAGES SUPERGRAPH PORT
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [packages, supergraph, port] = process.argv.slice(2);
const require = createRequire(`${packages}/package.json`);
const { ApolloGateway } = require("@apollo/gateway");
const { ApolloServer } = require("@apollo/server");
const { startStandaloneServer } = require("@apollo/server/standalone");

const gateway = new ApolloGateway({ supergraphSdl: readFileSync(supergraph, "utf8") });
const server = new ApolloServer({ gateway, csrfPrevention: false });
await startStandaloneServer(server, { listen: { host: "127.0.0.1", port: Number(port) } });

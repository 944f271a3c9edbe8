// An issuer of tokens whose keys are exchanged by what is written to it, a line of JSON each:
// {"keys": [["RS256", "a"]]} begins anew with these keys at the same address, {"token": ["a", {"sub": "u"}]} signs, and
// {"stop": true} goes away. Each is answered by a line.

import { OAuth2Server } from "oauth2-mock-server";
import { createInterface } from "node:readline";

let server;
let port = 0;

const answers = {
  async keys(keys) {
    await answers.stop();
    server = new OAuth2Server();
    for (const [alg, kid] of keys) await server.issuer.keys.generate(alg, { kid });
    await server.start(port, "127.0.0.1");
    port = server.address().port;
    // Its own name for itself would be "localhost".
    server.issuer.url = `http://127.0.0.1:${port}`;
    return server.issuer.url;
  },
  token([kid, claims]) {
    return server.issuer.buildToken({ kid, scopesOrTransform: (_, payload) => Object.assign(payload, claims) });
  },
  async stop() {
    if (server?.listening) await server.stop();
    return "stopped";
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [[what, how]] = Object.entries(JSON.parse(line));
  console.log(await answers[what](how));
}
process.exit();

// A provider with one client, pages to sign in and to consent, and a user for every name. The arguments: where the client's
// browsers come back to, and its secret. Its address is the first line it writes; it ends with its standard input.

import Provider from "oidc-provider";
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";

const [redirect, secret] = process.argv.slice(2);
const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "startline",
        client_secret: secret,
        redirect_uris: [redirect],
        post_logout_redirect_uris: [redirect, redirect.replace("/return", "")],
        id_token_signed_response_alg: "ES256",
      },
    ],
    jwks: { keys: [{ ...key, kid: "k1", use: "sig", alg: "ES256" }] },
    cookies: { keys: ["of this test"] },
    // Name and groups in the ID token, and not only at a page of their own.
    conformIdTokenClaims: false,
    claims: { openid: ["sub"], profile: ["name", "groups"] },
    pkce: { required: () => true },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `${id} of the provider`, groups: ["advisers", "frome"] }),
    }),
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
process.stdin.resume().on("end", () => process.exit());

// A certified OpenID Connect provider (npm: oidc-provider) on loopback, for tests. Anybody may sign in under any name.
// What it says of them goes by the name: `stepped…` took a second step, `unproven…` has no verified address.
import http from "node:http";
import { pathToFileURL } from "node:url";

const [home, back, after] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(`${home}/node_modules/oidc-provider/lib/index.js`));
const server = http.createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: "callout",
      client_secret: "a synthetic secret of the client",
      redirect_uris: [back],
      post_logout_redirect_uris: [after],
    }],
    pkce: { required: () => true },
    claims: { openid: ["sub", "amr"], email: ["email", "email_verified"] },
    conformIdTokenClaims: true,
    cookies: { keys: ["a synthetic key"] },
    features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    async findAccount(_, name) {
      const email = { email: `${name}@Example.test`, email_verified: !name.startsWith("unproven") };
      return { accountId: name, claims: async () => ({ sub: name, ...email }) };
    },
  });
  const { save } = provider.AuthorizationCode.prototype;
  provider.AuthorizationCode.prototype.save = function (...given) {
    if (this.accountId.startsWith("stepped")) { this.amr = ["pwd", "mfa"]; }
    return save.apply(this, given);
  };
  server.on("request", provider.callback());
  process.stdout.write(`${issuer}\n`);
});

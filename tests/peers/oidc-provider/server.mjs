// The peer that `cargo xtask bench issuer` measures beside our issuer: oidc-provider on its default
// in-memory adapter, with the clients of envoy/issuer.toml as far as the measurements use them.
//
//     node server.mjs PORT FORMAT KEYS
//
// PORT is listened on at 127.0.0.1. FORMAT is the algorithm that access tokens are signed with, or
// `opaque` (its introspection takes no JWT). KEYS is a file: made at the first start, read later.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

const [port, format, keyFile] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
const scopes = ['api:read', 'api:write', 'api:admin'];
const user = 'user-4cmzq8xg2v';

const clients = [
  {
    client_id: 'web',
    client_secret: 'web-secret',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: ['http://localhost:3000/callback'],
  },
  {
    client_id: 'service',
    client_secret: 'service-secret',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  },
  {
    client_id: 'gateway',
    client_secret: 'gateway-secret',
    grant_types: [],
    response_types: [],
    redirect_uris: [],
  },
];

const provider = new Provider(issuer, {
  clients,
  jwks: { keys: keys() },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  routes: { authorization: '/authorize', token: '/token', introspection: '/introspect' },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  loadExistingGrant: consented,
  pkce: { required: () => true },
  // By default only with `offline_access`, and rotated only when 70 % of the lifetime has passed.
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  expiresWithSession: () => false,
  ttl: {
    AccessToken: 600,
    ClientCredentials: 600,
    AuthorizationCode: 60,
    Grant: 86400,
    Interaction: 600,
    RefreshToken: 86400,
    Session: 86400,
  },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: (_ctx, client) => client.clientId === 'gateway' },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => issuer,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: scopes.join(' '),
        audience: 'api-gateway',
        accessTokenTTL: 600,
        ...(format === 'opaque'
          ? { accessTokenFormat: 'opaque' }
          : { accessTokenFormat: 'jwt', jwt: { sign: { alg: format } } }),
      }),
    },
  },
});

// Consent is taken as given. Each authorization has a grant of its own, as with us; with one for
// all, the in-memory adapter would go through ever more members at each refresh.
async function consented(ctx) {
  const { client, session } = ctx.oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addResourceScope(issuer, ctx.oidc.params.scope);
  await grant.save();
  return grant;
}

function keys() {
  if (existsSync(keyFile)) {
    return JSON.parse(readFileSync(keyFile));
  }
  // ID tokens are RS256 by default, so there is always a key for that, as there is with us.
  const kinds = { RS256: ['rsa', { modulusLength: 2048 }] };
  if (format === 'ES256') kinds.ES256 = ['ec', { namedCurve: 'P-256' }];
  if (format === 'EdDSA') kinds.EdDSA = ['ed25519'];
  const made = Object.entries(kinds).map(([alg, [kind, options]]) => ({
    ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }),
    alg,
    kid: alg,
    use: 'sig',
  }));
  writeFileSync(keyFile, JSON.stringify(made), { mode: 0o600 });
  return made;
}

const handle = provider.callback();
createServer((request, response) => {
  // Whoever asks is logged in: the measurements begin after the login.
  if (request.url.startsWith('/interaction/')) {
    provider
      .interactionFinished(request, response, { login: { accountId: user } })
      .catch((error) => response.writeHead(500).end(String(error)));
  } else {
    handle(request, response);
  }
}).listen(Number(port), '127.0.0.1');

process.on('SIGTERM', () => process.exit(0));

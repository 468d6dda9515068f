// The peer that gets the same requests as our issuer: every endpoint that both have, at the same paths,
// with the clients of envoy/issuer.toml.
//
//     node whole.mjs PORT

import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'

import { Provider, errors } from 'oidc-provider'

const port = Number(process.argv[2])
const issuer = `http://localhost:${port}`
const scopes = ['api:read', 'api:write', 'api:admin']
const user = 'user-4cmzq8xg2v'
const device = 'urn:ietf:params:oauth:grant-type:device_code'
const web_scopes = [...scopes, 'openid', 'email', 'offline_access'].join(' ')

const clients = [
  {
    client_id: 'web',
    client_secret: 'web-secret',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: ['http://localhost:3000/callback'],
    post_logout_redirect_uris: ['http://localhost:3000/'],
    scope: web_scopes,
  },
  {
    client_id: 'spa',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: ['http://127.0.0.1/callback'],
    scope: web_scopes,
  },
  {
    client_id: 'service',
    client_secret: 'service-secret',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    scope: 'api:read api:write',
  },
  {
    client_id: 'tv',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: [device, 'refresh_token'],
    response_types: [],
    redirect_uris: [],
    scope: 'api:read api:write offline_access openid',
  },
  {
    client_id: 'gateway',
    client_secret: 'gateway-secret',
    grant_types: [],
    response_types: [],
    redirect_uris: [],
  },
]

const provider = new Provider(issuer, {
  clients,
  scopes: ['openid', 'email', 'offline_access', ...scopes],
  claims: { email: ['email'] },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, email: 'alice@example.com' }) }),
  routes: {
    authorization: '/authorize',
    token: '/token',
    introspection: '/introspect',
    revocation: '/revoke',
    pushed_authorization_request: '/par',
    device_authorization: '/device_authorization',
    code_verification: '/device',
    userinfo: '/userinfo',
    registration: '/register',
    end_session: '/logout',
    jwks: '/.well-known/jwks.json',
  },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  loadExistingGrant: consented,
  pkce: { required: () => true },
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  expiresWithSession: () => false,
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true, allowedPolicy: (_ctx, client) => client.clientId === 'gateway' },
    pushedAuthorizationRequests: { enabled: true },
    registration: { enabled: true },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    userinfo: { enabled: true },
    resourceIndicators: {
      enabled: true,
      // Tokens for userinfo alone have no resource.
      defaultResource: (ctx) => (ctx.oidc.params?.scope?.includes('api:') ? issuer : undefined),
      useGrantedResource: () => true,
      getResourceServerInfo(_ctx, resource) {
        if (resource !== issuer) throw new errors.InvalidTarget()
        return { scope: scopes.join(' '), audience: 'api-gateway', accessTokenFormat: 'opaque' }
      },
    },
  },
})

// Consent is taken as given.
async function consented(ctx) {
  const { client, session, params } = ctx.oidc
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope(params.scope)
  grant.addResourceScope(issuer, params.scope)
  await grant.save()
  return grant
}

const handle = provider.callback()
createServer((request, response) => {
  // Whoever is to log in or to agree does.
  if (request.url.startsWith('/interaction/')) {
    provider
      .interactionFinished(request, response, { login: { accountId: user }, consent: {} })
      .catch((error) => response.writeHead(500).end(String(error)))
  } else {
    handle(request, response)
  }
}).listen(port, '127.0.0.1')

process.on('SIGTERM', () => process.exit(0))

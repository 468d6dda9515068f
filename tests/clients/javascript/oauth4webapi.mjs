// The strictest client there is: every answer is checked against the RFC that it is of. A public
// client with PKCE, a device, and a resource server that checks tokens without Envoy.

import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'
import { callback, clientKeys, data, exercised, origin, visit } from './demo.mjs'

// The demo is plain HTTP on loopback.
const plain = { [oauth.allowInsecureRequests]: true }
const issuer = new URL(origin)

const found = await oauth.discoveryRequest(issuer, { ...plain, algorithm: 'oauth2' })
const as = await oauth.processDiscoveryResponse(issuer, found)
const open_id = await oauth.discoveryRequest(issuer, plain)
assert.equal((await oauth.processDiscoveryResponse(issuer, open_id)).issuer, as.issuer)
exercised('discovery (RFC 8414 and OpenID Connect)')

const about = await oauth.resourceDiscoveryRequest(issuer, plain)
const resource = await oauth.processResourceDiscoveryResponse(issuer, about)
assert.deepEqual(resource.authorization_servers, [origin])
exercised('protected resource metadata (RFC 9728)')

const refused = await fetch(data)
assert.equal(refused.status, 401)
await assert.rejects(
  oauth.protectedResourceRequest('no-token', 'GET', data, undefined, undefined, plain),
  (error) => error.cause[0].scheme === 'bearer' && error.cause[0].parameters.error === 'invalid_token',
)
exercised('challenge (RFC 6750)')

const web = { client_id: 'web' }
const secret = oauth.ClientSecretBasic('web-secret')
const verifier = oauth.generateRandomCodeVerifier()
const nonce = oauth.generateRandomNonce()
const state = oauth.generateRandomState()
const request = {
  client_id: web.client_id,
  redirect_uri: callback,
  response_type: 'code',
  scope: 'openid email offline_access api:read api:write',
  resource: origin,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  nonce,
  state,
}
const pushed = await oauth.processPushedAuthorizationResponse(
  as,
  web,
  await oauth.pushedAuthorizationRequest(as, web, secret, request, plain),
)
exercised('pushed authorization request (RFC 9126)')

const url = new URL(as.authorization_endpoint)
url.search = new URLSearchParams({ client_id: web.client_id, request_uri: pushed.request_uri })
// With `iss` (RFC 9207), which the metadata promises and which is checked.
const answer = oauth.validateAuthResponse(as, web, await visit(url), state)
const response = await oauth.authorizationCodeGrantRequest(as, web, secret, answer, callback, verifier, plain)
let tokens = await oauth.processAuthorizationCodeResponse(as, web, response, {
  expectedNonce: nonce,
  requireIdToken: true,
})
await oauth.validateApplicationLevelSignature(as, response, plain)
const { sub } = oauth.getValidatedIdTokenClaims(tokens)
exercised('authorization code with PKCE, ID token and its signature')

const called = new Request(data, { headers: { authorization: `Bearer ${tokens.access_token}` } })
const claims = await oauth.validateJwtAccessToken(as, called, 'api-gateway', plain)
assert.equal(claims.sub, sub)
exercised('access token (RFC 9068)')

const userinfo = await oauth.userInfoRequest(as, web, tokens.access_token, plain)
const user = await oauth.processUserInfoResponse(as, web, sub, userinfo)
assert.equal(user.email, 'alice@example.com')
exercised('userinfo')

const refresh = (token) => oauth.refreshTokenGrantRequest(as, web, secret, token, plain)
const first = tokens.refresh_token
tokens = await oauth.processRefreshTokenResponse(as, web, await refresh(first))
assert.notEqual(tokens.refresh_token, first)
exercised('refresh with rotation')

const gateway = { client_id: 'gateway' }
const proof = oauth.ClientSecretPost('gateway-secret')
const told = await oauth.introspectionRequest(as, gateway, proof, tokens.access_token, plain)
assert.equal((await oauth.processIntrospectionResponse(as, gateway, told)).active, true)
exercised('introspection (RFC 7662)')

await oauth.processRevocationResponse(await oauth.revocationRequest(as, web, secret, tokens.refresh_token, plain))
await assert.rejects(
  oauth.processRefreshTokenResponse(as, web, await refresh(tokens.refresh_token)),
  { error: 'invalid_grant' },
)
exercised('revocation (RFC 7009)')

const tv = { client_id: 'tv' }
const none = oauth.None()
const asked = await oauth.deviceAuthorizationRequest(as, tv, none, { scope: 'api:read' }, plain)
const device = await oauth.processDeviceAuthorizationResponse(as, tv, asked)
const poll = async () =>
  oauth.processDeviceCodeResponse(as, tv, await oauth.deviceCodeGrantRequest(as, tv, none, device.device_code, plain))
await assert.rejects(poll(), { error: 'authorization_pending' })
await visit(device.verification_uri_complete)
await new Promise((resolve) => setTimeout(resolve, device.interval * 1000))
assert.equal((await poll()).scope, 'api:read')
exercised('device authorization (RFC 8628)')

const { key, jwks } = await clientKeys()
const registration = await oauth.dynamicClientRegistrationRequest(
  as,
  {
    client_name: 'A service with a key of its own',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    scope: 'api:read',
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks,
  },
  plain,
)
const service = await oauth.processDynamicClientRegistrationResponse(registration)
exercised('dynamic registration (RFC 7591)')

const by_key = oauth.PrivateKeyJwt(key)
const granted = await oauth.clientCredentialsGrantRequest(as, service, by_key, { scope: 'api:read' }, plain)
const own = await oauth.processClientCredentialsResponse(as, service, granted)
assert.equal((await oauth.protectedResourceRequest(own.access_token, 'GET', data, undefined, undefined, plain)).status, 200)
exercised('client credentials by private_key_jwt (RFC 7523)')

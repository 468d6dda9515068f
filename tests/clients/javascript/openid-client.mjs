// The certified OpenID Connect and OAuth 2.0 client: a web application, a device, a service with a
// key of its own that registers itself, and a gateway.

import assert from 'node:assert/strict'
import * as client from 'openid-client'
import { callback, clientKeys, data, exercised, origin, visit } from './demo.mjs'

// The demo is plain HTTP on loopback.
const plain = { execute: [client.allowInsecureRequests] }
const known = (id, secret, how) => client.discovery(new URL(origin), id, secret, how, plain)

const web = await known('web', undefined, client.ClientSecretBasic('web-secret'))
exercised('discovery')

async function log_in(address, checks) {
  const code_verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  const nonce = client.randomNonce()
  const url = await address(web, {
    redirect_uri: callback,
    scope: 'openid email offline_access api:read api:write',
    code_challenge: await client.calculatePKCECodeChallenge(code_verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...checks,
  })
  return client.authorizationCodeGrant(web, await visit(url), {
    pkceCodeVerifier: code_verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  })
}

let tokens = await log_in(async (...all) => client.buildAuthorizationUrl(...all))
const { sub } = tokens.claims()
exercised('authorization code with PKCE, ID token')

await log_in(client.buildAuthorizationUrlWithPAR)
exercised('pushed authorization request')

const user = await client.fetchUserInfo(web, tokens.access_token, sub)
assert.equal(user.email, 'alice@example.com')
exercised('userinfo')

let answer = await client.fetchProtectedResource(web, tokens.access_token, data, 'GET')
assert.deepEqual((await answer.json()).user, sub)
exercised('call of the API')

const first = tokens.refresh_token
tokens = await client.refreshTokenGrant(web, first)
assert.notEqual(tokens.refresh_token, first)
assert.equal(tokens.claims().sub, sub)
exercised('refresh with rotation')

const gateway = await known('gateway', undefined, client.ClientSecretPost('gateway-secret'))
const active = await client.tokenIntrospection(gateway, tokens.access_token)
assert.equal(active.active, true)
assert.equal(active.sub, sub)
exercised('introspection')

const narrower = await client.genericGrantRequest(
  gateway,
  'urn:ietf:params:oauth:grant-type:token-exchange',
  {
    subject_token: tokens.access_token,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    scope: 'api:read',
  },
)
assert.equal(narrower.scope, 'api:read')
exercised('token exchange')

await client.tokenRevocation(web, tokens.refresh_token)
await assert.rejects(client.refreshTokenGrant(web, tokens.refresh_token), { error: 'invalid_grant' })
exercised('revocation')

const tv = await known('tv', undefined, client.None())
const device = await client.initiateDeviceAuthorization(tv, { scope: 'api:read' })
await visit(device.verification_uri_complete)
const of_the_device = await client.pollDeviceAuthorizationGrant(tv, device)
assert.equal(of_the_device.scope, 'api:read')
exercised('device authorization')

const { key, jwks } = await clientKeys()
const service = await client.dynamicClientRegistration(
  new URL(origin),
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
  client.PrivateKeyJwt(key),
  plain,
)
exercised('dynamic registration')

const own = await client.clientCredentialsGrant(service, { scope: 'api:read' })
answer = await client.fetchProtectedResource(service, own.access_token, data, 'GET')
assert.equal(answer.status, 200)
exercised('client credentials by private_key_jwt')

const state = client.randomState()
const leave = client.buildEndSessionUrl(web, {
  id_token_hint: tokens.id_token,
  post_logout_redirect_uri: 'http://localhost:3000/',
  state,
})
assert.equal((await visit(leave)).href, `http://localhost:3000/?state=${state}`)
exercised('logout by the client')

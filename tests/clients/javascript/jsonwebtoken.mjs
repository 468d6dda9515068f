// An API without Envoy, protected the way that most Node.js APIs are: jsonwebtoken with the keys
// that jwks-rsa fetches. It takes the issuer's tokens, and goes on to when the key has changed.

import assert from 'node:assert/strict'
import jwt from 'jsonwebtoken'
import jwks from 'jwks-rsa'
import { exercised, origin } from './demo.mjs'

const keys = jwks({ jwksUri: `${origin}/.well-known/jwks.json`, cache: true, rateLimit: true })
const key = (header, done) => keys.getSigningKey(header.kid, (error, key) => done(error, key?.getPublicKey()))
const rules = { algorithms: ['RS256'], issuer: origin, audience: 'api-gateway' }

/** The claims, as the API would have them; throws when the token is refused. */
function verify(token) {
  return new Promise((resolve, reject) => {
    jwt.verify(token, key, rules, (error, claims) => (error ? reject(error) : resolve(claims)))
  })
}

async function token() {
  const answer = await fetch(`${origin}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('service:service-secret')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'api:read' }),
  })
  return (await answer.json()).access_token
}

const kid = (token) => jwt.decode(token, { complete: true }).header.kid

const before = await token()
const claims = await verify(before)
assert.equal(claims.scope, 'api:read')
assert.equal(claims.client_id, 'service')
exercised('RS256, issuer and audience verified')

const [header, payload, signature] = before.split('.')
const more = { ...claims, scope: 'api:read api:write api:admin' }
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const flipped = (signature[9] === 'A' ? 'B' : 'A') + signature.slice(10)
for (const [altered, reason] of [
  [`${header}.${encoded(more)}.${signature}`, 'invalid signature'],
  [`${header}.${payload}.${signature.slice(0, 9)}${flipped}`, 'invalid signature'],
  [`${encoded({ alg: 'none', typ: 'at+jwt', kid: kid(before) })}.${payload}.`, 'jwt signature is required'],
]) {
  await assert.rejects(verify(altered), { name: 'JsonWebTokenError', message: reason })
}
exercised('altered tokens refused')

console.log('ask rotate the key')
let after
do {
  await new Promise((resolve) => setTimeout(resolve, 200))
  after = await token()
} while (kid(after) === kid(before))
assert.equal((await verify(after)).client_id, 'service')
assert.equal((await verify(before)).client_id, 'service')
exercised('key rotation under it')

// What every client here is given: the demo that runs, and a person who uses it in a browser.

/** The public origin: the API's and the issuer's. */
export const origin = process.env.DOCKGATE_ORIGIN

/** A protected resource of the API. */
export const data = new URL('/api/protected/data', origin)

/** Where `web` is sent back to. Nobody listens: the person tells where the browser ended. */
export const callback = 'http://localhost:3000/callback'

/** Says what has just worked; it becomes a line of docs/compatibility.md. */
export function exercised(what) {
  console.log(`exercised ${what}`)
}

/** Alice opens a URL, logs in if she is asked to, and agrees; gives the URL where she ends. */
export async function visit(url) {
  const answer = await fetch(`${process.env.DOCKGATE_PERSON}/?${new URLSearchParams({ url })}`)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${answer.status}: ${text}`)
  return new URL(text)
}

/** Keys for `private_key_jwt`: the private one, and the JWK set that a client registers. */
export async function clientKeys() {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const key = { kty, crv, x, y, kid: 'of-the-client', alg: 'ES256', use: 'sig' }
  return { key: { key: pair.privateKey, kid: key.kid }, jwks: { keys: [key] } }
}

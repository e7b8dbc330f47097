import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';

/** SHA-256 (hex) of the canonical JSON of what is shown. */
export function hashOfShown(shows: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalize(shows) ?? '')));
}

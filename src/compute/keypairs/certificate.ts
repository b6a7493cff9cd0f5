/** X.509 certificates as PEM. */
import { X509Certificate } from "node:crypto";

/**
 * The fingerprint of a certificate: SHA-1 of its bytes, `44:fe:29:…`; undefined for other texts.
 *
 * Source: nova/crypto.py, `generate_x509_fingerprint`.
 */
export function certificateFingerprint(pem: string): string | undefined {
  try {
    return new X509Certificate(pem).fingerprint.toLowerCase();
  } catch {
    return undefined;
  }
}

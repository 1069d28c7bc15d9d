interface Installation {
  /** Where people find us. */
  readonly origin: string;
  readonly development: boolean;
}

/**
 * The Content-Security-Policy of one page: scripts run only when they carry the nonce, or were loaded by one that did;
 * nothing comes from another site, and no site may show us in a frame.
 */
export function contentSecurityPolicy(nonce: string, { development }: Installation): string {
  // React builds stack traces by eval, in development only.
  const evaluation = development ? " 'unsafe-eval'" : "";
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${evaluation}`,
    // Editor and toasts make style elements of their own; styles cannot run code.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** The headers of every answer, by lower-case name. */
export function securityHeaders(policy: string, { origin }: Installation): Record<string, string> {
  return {
    "content-security-policy": policy,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY", // for what does not know frame-ancestors
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy":
      "camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-create=(self), publickey-credentials-get=(self)",
    ...(origin.startsWith("https:") && { "strict-transport-security": "max-age=31536000" }),
  };
}

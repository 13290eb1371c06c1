package io.swarmgate.backend.config;

/** Who decides about a request. */
public enum Authorize {
  /** Nobody: what the patterns match is public. */
  NONE,

  /** The site's origin, which is asked with the client's own credentials each time. */
  ORIGIN,

  /** The next handler or filter in the chain, which is asked with a HEAD each time. */
  CHAIN
}

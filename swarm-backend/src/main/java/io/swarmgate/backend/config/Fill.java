package io.swarmgate.backend.config;

/** How much of a file an edge fetches once it is touched. */
public enum Fill {
  /** What readers need, and their readahead. */
  DEMAND,
  /** The whole file. */
  FULL
}

package io.swarmgate.backend.content;

/**
 * Where the bytes of a response came from.
 *
 * @param store bytes that were here when it began
 * @param peers bytes that peers brought since
 * @param origin bytes that an origin brought since
 */
public record Sources(long store, long peers, long origin) {}

/** Fixtures: a backend in memory, and a client that sees every byte. */
@NullMarked
package io.swarmgate.filter.testing;

import org.jspecify.annotations.NullMarked;

/** Doubles and helpers for tests. */
@NullMarked
package io.swarmgate.backend.testing;

import org.jspecify.annotations.NullMarked;

/** Talking HTTP to origins. */
@NullMarked
package io.swarmgate.backend.origin;

import org.jspecify.annotations.NullMarked;

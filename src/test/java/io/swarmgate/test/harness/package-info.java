/** Starts real servers as a user would, and stops them whatever happens. */
@NullMarked
package io.swarmgate.test.harness;

import org.jspecify.annotations.NullMarked;

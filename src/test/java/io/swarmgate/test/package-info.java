/** End-to-end tests. */
@NullMarked
package io.swarmgate.test;

import org.jspecify.annotations.NullMarked;

/** Checks of the module as a whole. */
@NullMarked
package io.swarmgate.filter;

import org.jspecify.annotations.NullMarked;

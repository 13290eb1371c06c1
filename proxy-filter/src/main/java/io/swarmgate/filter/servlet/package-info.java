/** The servlet filter. */
@NullMarked
package io.swarmgate.filter.servlet;

import org.jspecify.annotations.NullMarked;

/** A whole node, as every container starts it. */
@NullMarked
package io.swarmgate.filter.node;

import org.jspecify.annotations.NullMarked;

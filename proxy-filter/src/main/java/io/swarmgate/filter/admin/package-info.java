/** The operator's listener: status and health. */
@NullMarked
package io.swarmgate.filter.admin;

import org.jspecify.annotations.NullMarked;

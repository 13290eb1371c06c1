@NullMarked
package io.swarmgate.samples;

import org.jspecify.annotations.NullMarked;

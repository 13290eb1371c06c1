/**
 * Says what a server's answers lack for deliveries to be resumed, cached and shared. Needs nothing
 * but the JDK.
 */
@NullMarked
package io.swarmgate.filter.doctor;

import org.jspecify.annotations.NullMarked;

/**
 * Says what a server's answers lack for deliveries to be resumed, cached and shared, and what a
 * node lacks of its machine and peers. To check a URL needs nothing but the JDK.
 */
@NullMarked
package io.swarmgate.filter.doctor;

import org.jspecify.annotations.NullMarked;

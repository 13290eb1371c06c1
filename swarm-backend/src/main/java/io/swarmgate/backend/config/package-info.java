/** What an operator may set: names, defaults, and the values they become. */
@NullMarked
package io.swarmgate.backend.config;

import org.jspecify.annotations.NullMarked;

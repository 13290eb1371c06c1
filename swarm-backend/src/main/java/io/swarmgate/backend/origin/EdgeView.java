package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.Field;
import java.util.List;

/**
 * What is known, as it is served to one client.
 *
 * @param stale whether the origin was asked first
 * @param collapsed whether it was asked because of another request
 * @param asked the fields it was asked with for this client alone; none if it was asked for all
 */
record EdgeView(Knowledge.Accelerated known, boolean stale, boolean collapsed, List<Field> asked) {}

package io.swarmgate.filter.admin;

import java.io.IOException;

/** What lies under one path of the admin listener. Thread-safe; may wait a moment. */
@FunctionalInterface
interface Resource {
  Reply answer(Ask ask) throws Ask.BadParameterException, IOException;
}

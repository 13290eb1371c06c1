package io.swarmgate.filter.admin;

import io.swarmgate.backend.observe.Event;
import io.swarmgate.backend.observe.EventLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says who did what by way of the admin listener: one line each on the logger {@code
 * io.swarmgate.audit}, refused ones too. Line breaks in what clients sent don't make further lines.
 */
record Audit(EventLog events) {
  private static final Logger LOG = LoggerFactory.getLogger("io.swarmgate.audit");

  void done(Ask ask, String what) {
    LOG.info("{} {} by {}: {}", ask.method(), ask.path(), ask.from(), oneLine(what));
    events.add(Event.Kind.ADMIN, ask.path(), oneLine(what));
  }

  void refused(String method, String path, String from, String why) {
    LOG.warn("{} {} by {} refused: {}", method, oneLine(path), from, oneLine(why));
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }
}

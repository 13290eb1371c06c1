package io.swarmgate.filter.servlet;

import io.swarmgate.backend.content.Field;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A head that hasn't been handed to the container yet. It waits for the body's first bytes, so that
 * a body that fails before them can still become an error.
 *
 * @param status the status code
 * @param fields all fields
 * @param acceptsCoding whether the client offers to take a content coding
 */
record ResponseHead(int status, List<Field> fields, boolean acceptsCoding) {
  /** Fields that may stand on several lines, beside what filters around us have put there. */
  private static final Set<String> LISTS = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  static {
    Collections.addAll(
        LISTS,
        "Allow",
        "Cache-Control",
        "Cache-Status",
        "Link",
        "Set-Cookie",
        "Vary",
        "Via",
        "Warning",
        "WWW-Authenticate");
  }

  /** Hands the head over; nothing is committed yet. */
  void applyTo(HttpServletResponse response, ContainerTraits container) {
    boolean bare =
        acceptsCoding
            && (status == 200 || status == 206)
            && value("Content-Encoding") == null
            && container.mayCode(response, value("ETag"));
    response.setStatus(status);
    for (Field field : fields) {
      if (LISTS.contains(field.name())) {
        response.addHeader(field.name(), field.value());
      } else {
        // Replaces a Date or Server that the container has put there already.
        response.setHeader(field.name(), field.value());
      }
      if (field.is("Content-Type") && !hasCharset(field.value())) {
        // Jetty would make text/plain one of iso-8859-1, which nobody has said.
        response.setCharacterEncoding((String) null);
      }
    }
    if (bare) {
      // RFC 9110 section 8.4.1 would rather not see this value, but where a container is about to
      // compress, it is all that a filter can say against it: a part of a coded body is no part of
      // the file.
      response.setHeader("Content-Encoding", "identity");
    }
  }

  private @Nullable String value(String name) {
    return fields.stream()
        .filter(field -> field.is(name))
        .map(Field::value)
        .findFirst()
        .orElse(null);
  }

  private static boolean hasCharset(String type) {
    return type.toLowerCase(Locale.ROOT).contains("charset=");
  }
}

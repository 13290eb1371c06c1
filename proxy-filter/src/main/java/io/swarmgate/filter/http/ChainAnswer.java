package io.swarmgate.filter.http;

import io.swarmgate.backend.content.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the next in the chain answers a request that was sent to it as a HEAD.
 *
 * @param status the status code
 * @param fields its fields
 */
public record ChainAnswer(int status, List<Field> fields) {
  /** That no answer came. */
  public static final ChainAnswer NONE = new ChainAnswer(500, List.of());

  /** What depends on what the client has already, or wants: the question is only who may. */
  private static final Set<String> HIDDEN =
      Set.of(
          "range",
          "if-range",
          "if-match",
          "if-none-match",
          "if-modified-since",
          "if-unmodified-since");

  /** What is about the content or the connection, or ours to say. */
  private static final Set<String> NOT_ALONGSIDE =
      Set.of(
          "accept-ranges",
          "age",
          "alt-svc",
          "connection",
          "date",
          "digest",
          "etag",
          "keep-alive",
          "last-modified",
          "location",
          "repr-digest",
          "server",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "via");

  private static final Set<String> CACHING = Set.of("cache-control", "expires", "pragma");

  /** Fields that say more if they are there twice. */
  private static final Set<String> ADD_UP = Set.of("set-cookie", "vary", "link");

  /**
   * What a response says to caches if the chain doesn't: ask each time, for the next client may be
   * refused. With must-revalidate it may be kept even if it answers Authorization (RFC 9111 section
   * 3.5).
   */
  private static final Field ASK_EACH_TIME =
      new Field("Cache-Control", "no-cache, must-revalidate");

  public ChainAnswer {
    fields = List.copyOf(fields);
  }

  /** Whether a field of the request isn't shown to the chain. */
  public static boolean hides(String name) {
    return HIDDEN.contains(lower(name));
  }

  /** Whether we may answer. */
  boolean allows() {
    return status / 100 == 2;
  }

  /**
   * A response's fields with those that the chain put beside it: cookies, what it says to caches
   * and browsers, but nothing of the content.
   */
  List<Field> beside(List<Field> ours) {
    List<Field> theirs = fields.stream().filter(field -> isAlongside(lower(field.name()))).toList();
    boolean confidential =
        ours.stream()
            .filter(field -> field.is("Cache-Control"))
            .map(field -> lower(field.value()))
            .anyMatch(value -> value.contains("no-store") || value.contains("private"));
    List<Field> all = new ArrayList<>();
    for (Field field : ours) {
      // What an origin says to everybody's caches doesn't hold for what not everybody may have.
      if (confidential || !CACHING.contains(lower(field.name()))) {
        all.add(field);
      }
    }
    if (!confidential
        && theirs.stream().noneMatch(field -> CACHING.contains(lower(field.name())))) {
      all.add(ASK_EACH_TIME);
    }
    for (Field field : theirs) {
      boolean said = ours.stream().anyMatch(own -> own.is(field.name()));
      boolean caching = CACHING.contains(lower(field.name()));
      if (caching ? !confidential : !said || ADD_UP.contains(lower(field.name()))) {
        all.add(field);
      }
    }
    return all;
  }

  private static boolean isAlongside(String name) {
    return !NOT_ALONGSIDE.contains(name)
        && (!name.startsWith("content-") || name.equals("content-security-policy"));
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}

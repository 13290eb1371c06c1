package io.swarmgate.filter.testing;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads Cache-Status as RFC 9211 has it: a list of structured fields (RFC 9651), whose members are
 * caches and whose parameters have the types and meanings of its section 2.
 */
public final class CacheStatusGrammar {
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*");
  private static final Pattern STRING =
      Pattern.compile("\"(?:[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\"\\\\])*\"");
  private static final Pattern KEY = Pattern.compile("[a-z*][a-z0-9_.*-]*");
  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,15}(?![0-9.])");
  private static final Pattern BOOLEAN = Pattern.compile("\\?[01]");
  private static final Pattern COMMA = Pattern.compile("[ \\t]*,[ \\t]*");
  private static final Pattern SEMICOLON = Pattern.compile("; *");

  private static final Set<String> FORWARDED =
      Set.of("bypass", "method", "uri-miss", "vary-miss", "miss", "request", "stale", "partial");

  /** What only a forwarded request has (section 2.3 on). */
  private static final List<String> OF_FORWARDED = List.of("fwd-status", "stored", "collapsed");

  private final String text;
  private int at;

  private CacheStatusGrammar(String text) {
    this.text = text;
  }

  /** Fails unless a field's value is what the RFC allows. */
  public static void check(String value) {
    CacheStatusGrammar grammar = new CacheStatusGrammar(value);
    do {
      grammar.member();
    } while (grammar.accept(COMMA) != null);
    if (grammar.at != value.length()) {
      throw grammar.unexpected("the end");
    }
  }

  private void member() {
    if (accept(TOKEN) == null && accept(STRING) == null) {
      throw unexpected("a cache's name");
    }
    Map<String, String> parameters = new HashMap<>();
    while (accept(SEMICOLON) != null) {
      String key = accept(KEY);
      if (key == null) {
        throw unexpected("a key");
      }
      String value = "?1";
      if (at < text.length() && text.charAt(at) == '=') {
        at++;
        value = bareItem();
      }
      if (parameters.put(key, value) != null) {
        throw unexpected("each parameter once, not again " + key);
      }
    }
    parameters.forEach(this::checkParameter);
    boolean hit = "?1".equals(parameters.get("hit"));
    if (hit == parameters.containsKey("fwd")) {
      throw unexpected("either hit or fwd");
    }
    if (hit && OF_FORWARDED.stream().anyMatch(parameters::containsKey)) {
      throw unexpected("nothing of a forwarded request with a hit");
    }
  }

  private String bareItem() {
    for (Pattern form : List.of(STRING, BOOLEAN, INTEGER, TOKEN)) {
      String item = accept(form);
      if (item != null) {
        return item;
      }
    }
    throw unexpected("a bare item");
  }

  private void checkParameter(String key, String value) {
    boolean right =
        switch (key) {
          case "hit", "stored", "collapsed" -> BOOLEAN.matcher(value).matches();
          case "fwd" -> FORWARDED.contains(value);
          case "fwd-status", "ttl" -> INTEGER.matcher(value).matches();
          case "key" -> STRING.matcher(value).matches();
          case "detail" -> STRING.matcher(value).matches() || TOKEN.matcher(value).matches();
          default -> false;
        };
    if (!right) {
      throw unexpected("a parameter of RFC 9211, not " + key + "=" + value);
    }
  }

  private @Nullable String accept(Pattern form) {
    Matcher matcher = form.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      return null;
    }
    at = matcher.end();
    return matcher.group();
  }

  private AssertionError unexpected(String expected) {
    return new AssertionError("expected " + expected + " at " + at + " of: " + text);
  }
}

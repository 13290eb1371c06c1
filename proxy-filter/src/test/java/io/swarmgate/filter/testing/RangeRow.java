package io.swarmgate.filter.testing;

import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A row of the table that says what HTTP asks for: a request, a representation, an answer. */
public record RangeRow(
    String what,
    String method,
    String representation,
    List<Field> fields,
    int status,
    List<ByteSpan> spans) {
  public static final int LENGTH = 100;
  public static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static final Instant MODIFIED = Instant.parse("1994-11-06T08:49:37Z");

  private static final Map<String, Validator> VALIDATORS =
      Map.of(
          "both", new Validator("\"v1\"", MODIFIED),
          "tag", new Validator("\"v1\"", null),
          "weak", new Validator("W/\"v1\"", null),
          "date", new Validator(null, MODIFIED),
          "fresh", new Validator(null, NOW),
          "second", new Validator(null, NOW.minusSeconds(1)),
          "short", new Validator(null, NOW.minusSeconds(59)),
          "minute", new Validator(null, NOW.minusSeconds(60)),
          "future", new Validator("\"v1\"", NOW.plusSeconds(1)),
          "none", Validator.NONE);

  /** All rows. */
  public static Stream<RangeRow> table() {
    String path = "/io/swarmgate/filter/http/ranges.txt";
    try (InputStream in = RangeRow.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(path);
      }
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
          .lines().filter(line -> !line.startsWith("#")).map(RangeRow::parse).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Validator validator(String representation) {
    Validator validator = VALIDATORS.get(representation);
    if (validator == null) {
      throw new IllegalArgumentException(representation);
    }
    return validator;
  }

  private static RangeRow parse(String line) {
    List<String> columns = split(line, " | ");
    List<Field> fields =
        columns.get(3).equals("-")
            ? List.of()
            : split(columns.get(3).replace("\\t", "\t"), " && ").stream()
                .map(RangeRow::field)
                .toList();
    List<String> answer = split(columns.get(4), " ");
    List<ByteSpan> spans =
        answer.size() == 1
            ? List.of()
            : split(answer.get(1), ",").stream().map(RangeRow::span).toList();
    return new RangeRow(
        columns.get(0),
        columns.get(1),
        columns.get(2),
        fields,
        Integer.parseInt(answer.get(0)),
        spans);
  }

  private static Field field(String line) {
    int colon = line.indexOf(": ");
    return new Field(line.substring(0, colon), line.substring(colon + 2));
  }

  private static ByteSpan span(String text) {
    List<String> ends = split(text, "-");
    return new ByteSpan(Long.parseLong(ends.get(0)), Long.parseLong(ends.get(1)) + 1);
  }

  private static List<String> split(String text, String separator) {
    return List.of(text.split(Pattern.quote(separator), -1));
  }

  @Override
  public String toString() {
    return what;
  }
}

package io.swarmgate.filter.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.filter.testing.RangeRow;
import io.swarmgate.filter.testing.Request;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RangePlannerTest {
  private static final List<String> WORDS =
      List.of(
          "bytes",
          "Bytes",
          "=",
          "=",
          "-",
          "-",
          ",",
          ",",
          " ",
          "\t",
          "0",
          "1",
          "9",
          "42",
          "99",
          "100",
          "00",
          "9223372036854775807",
          "9223372036854775808",
          "99999999999999999999999",
          "\"",
          "W/",
          "\"v1\"",
          "*",
          "x",
          ";",
          "Sun, 06 Nov 1994 08:49:37 GMT",
          "Sun, 99 Nov 1994 99:99:99 GMT",
          "Sunday, 06-Nov-94 08:49:37 GMT",
          "Sun Nov  6 08:49:60 1994",
          "\u00e9",
          "");

  private static final List<String> NAMES =
      List.of(
          "Range",
          "If-Range",
          "If-Match",
          "If-None-Match",
          "If-Modified-Since",
          "If-Unmodified-Since");

  static Stream<RangeRow> table() {
    return RangeRow.table();
  }

  @ParameterizedTest
  @MethodSource("table")
  void plansByTheTable(RangeRow row) {
    Validator validator = RangeRow.validator(row.representation());
    if (row.representation().equals("future")) {
      validator = new Validator(validator.etag(), null);
    }
    RangePlan plan =
        RangePlanner.plan(
            new Request(row.method(), "/s/x", row.fields()),
            RangeRow.LENGTH,
            validator,
            RangeRow.NOW);

    assertThat(plan).isEqualTo(expected(row));
  }

  @Test
  void theTableIsLong() {
    assertThat(RangeRow.table().map(RangeRow::what).distinct()).hasSizeGreaterThanOrEqualTo(150);
  }

  @Test
  void neverThrowsNorLeavesTheFileWhateverIsAsked() {
    SplittableRandom random = new SplittableRandom(20260101);
    for (int i = 0; i < 200_000; i++) {
      List<Field> fields =
          Stream.generate(() -> new Field(pick(random, NAMES), value(random)))
              .limit(random.nextInt(1, 4))
              .toList();
      long length = random.nextInt(4) == 0 ? Long.MAX_VALUE : random.nextLong(1, 200);
      Validator validator = RangeRow.validator(pick(random, List.of("both", "weak", "none")));

      RangePlan plan =
          RangePlanner.plan(new Request("GET", "/s/x", fields), length, validator, RangeRow.NOW);

      assertInside(plan, length, fields);
    }
  }

  private static void assertInside(RangePlan plan, long length, List<Field> fields) {
    List<ByteSpan> spans =
        plan instanceof RangePlan.Single single
            ? List.of(single.span())
            : plan instanceof RangePlan.Multi multi ? multi.spans() : List.of();
    List<ByteSpan> sorted =
        spans.stream().sorted((a, b) -> Long.compare(a.start(), b.start())).toList();
    long last = -1;
    for (ByteSpan span : sorted) {
      assertThat(span.isEmpty()).as("%s", fields).isFalse();
      assertThat(span.start()).as("disjoint, not adjoining: %s", fields).isGreaterThan(last);
      assertThat(span.end()).as("%s", fields).isLessThanOrEqualTo(length);
      last = span.end();
    }
    assertThat(spans.size()).isLessThanOrEqualTo(RangePlanner.MAX_RANGES);
  }

  /** Half of them start as a good Range does, so that the inside of the parser is reached. */
  private static String value(SplittableRandom random) {
    StringBuilder value = new StringBuilder(random.nextBoolean() ? "bytes=" : "");
    boolean wellFormed = random.nextBoolean();
    for (int i = random.nextInt(12); i > 0; i--) {
      value.append(
          wellFormed
              ? random.nextInt(120) + "-" + (random.nextBoolean() ? "" : random.nextInt(120)) + ","
              : pick(random, WORDS));
    }
    return value.toString();
  }

  private static String pick(SplittableRandom random, List<String> words) {
    return words.get(random.nextInt(words.size()));
  }

  private static RangePlan expected(RangeRow row) {
    return switch (row.status()) {
      case 200 -> new RangePlan.Full();
      case 206 ->
          row.spans().size() == 1
              ? new RangePlan.Single(row.spans().get(0))
              : new RangePlan.Multi(row.spans());
      case 304 -> new RangePlan.NotModified();
      case 412 -> new RangePlan.PreconditionFailed();
      case 416 -> new RangePlan.Unsatisfiable();
      default -> throw new IllegalArgumentException(row.toString());
    };
  }
}

package io.swarmgate.filter.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.filter.testing.RangeRow;
import io.swarmgate.filter.testing.Request;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What holds for every range set and every precondition, checked on many made at random. */
class RangePropertiesTest {
  private static final int ROUNDS = 100_000;

  /** A range asked for: its text, and the positions that it means in a file of some length. */
  private record Asked(String text, BitSet bytes) {}

  @Test
  void exactlyWhatIsAskedForAndThereIsAnsweredOnceInTheOrderAsked() {
    SplittableRandom random = new SplittableRandom(20260102);
    for (int round = 0; round < ROUNDS; round++) {
      int length = random.nextInt(1, 60);
      List<Asked> asked = new ArrayList<>();
      for (int i = random.nextInt(1, RangePlanner.MAX_RANGES + 1); i > 0; i--) {
        asked.add(range(random, length));
      }
      String value = value(random, asked);

      RangePlan plan = plan("GET", length, List.of(new Field("Range", value)));

      BitSet all = new BitSet();
      asked.forEach(each -> all.or(each.bytes()));
      assertThat(plan instanceof RangePlan.Unsatisfiable)
          .as("%s of %s", value, length)
          .isEqualTo(all.isEmpty());
      BitSet answered = new BitSet();
      int place = -1;
      List<ByteSpan> spans = plan.spans(length);
      for (ByteSpan span : spans) {
        BitSet bytes = new BitSet();
        bytes.set((int) span.start(), (int) span.end());
        assertThat(answered.intersects(bytes)).as("twice: %s of %s", value, length).isFalse();
        answered.or(bytes);
        int first =
            IntStream.range(0, asked.size())
                .filter(i -> asked.get(i).bytes().intersects(bytes))
                .findFirst()
                .orElseThrow();
        assertThat(first).as("order: %s of %s", value, length).isGreaterThan(place);
        place = first;
      }
      assertThat(answered).as("%s of %s", value, length).isEqualTo(all);
      assertThat(spans.size())
          .as("merged: %s of %s", value, length)
          .isEqualTo(all.stream().filter(at -> at == 0 || !all.get(at - 1)).count());
    }
  }

  /** A range of any of the three forms, some with more digits than any number has. */
  private static Asked range(SplittableRandom random, int length) {
    BitSet bytes = new BitSet();
    int first = random.nextInt(0, length + 10);
    switch (random.nextInt(4)) {
      case 0 -> {
        bytes.set(Math.max(0, length - first), length);
        return new Asked("-" + number(random, first), bytes);
      }
      case 1 -> {
        if (first < length) {
          bytes.set(first, length);
        }
        return new Asked(number(random, first) + "-", bytes);
      }
      case 2 -> {
        if (first < length) {
          bytes.set(first, length);
        }
        String huge =
            BigInteger.ONE.shiftLeft(random.nextInt(62, 200)).subtract(BigInteger.ONE).toString();
        return new Asked(number(random, first) + "-" + huge, bytes);
      }
      default -> {
        int last = first + random.nextInt(0, 12);
        if (first < length) {
          bytes.set(first, Math.min(last + 1, length));
        }
        return new Asked(number(random, first) + "-" + number(random, last), bytes);
      }
    }
  }

  private static String number(SplittableRandom random, int value) {
    return "0".repeat(random.nextInt(8) == 0 ? random.nextInt(30) : 0) + value;
  }

  private static String value(SplittableRandom random, List<Asked> asked) {
    StringBuilder value = new StringBuilder(random.nextBoolean() ? "bytes=" : "BYTES=");
    for (int i = 0; i < asked.size(); i++) {
      value.append(i == 0 ? "" : separator(random)).append(asked.get(i).text());
    }
    return value.toString();
  }

  private static String separator(SplittableRandom random) {
    return switch (random.nextInt(5)) {
      case 0 -> ", ";
      case 1 -> "\t,\t";
      case 2 -> ",,";
      case 3 -> " , ,";
      default -> ",";
    };
  }

  @Test
  void anyTextAtAllIsReadWithoutAnException() {
    SplittableRandom random = new SplittableRandom(20260103);
    List<String> names =
        List.of(
            "Range",
            "If-Range",
            "If-Match",
            "If-None-Match",
            "If-Modified-Since",
            "If-Unmodified-Since",
            "Want-Repr-Digest");
    for (int round = 0; round < ROUNDS; round++) {
      String text = text(random);
      String name = names.get(random.nextInt(names.size()));
      List<Field> fields =
          List.of(
              new Field("Range", "bytes=" + text), new Field(name, text), new Field(name, text));

      RangePlan plan = plan(random.nextBoolean() ? "GET" : "HEAD", 50, fields);

      assertThat(plan.spans(50).stream().mapToLong(ByteSpan::length).sum()).isLessThanOrEqualTo(50);
      RangeHeader.parse(text);
      EntityTag.parse(text);
      EntityTag.parseList(text);
      WantedDigest.accepts(List.of(text));
    }
  }

  @Test
  void aHeadIsNeverAnsweredWithAPart() {
    SplittableRandom random = new SplittableRandom(20260104);
    for (int round = 0; round < 10_000; round++) {
      int length = random.nextInt(1, 60);
      String value = value(random, List.of(range(random, length), range(random, length)));

      assertThat(plan("HEAD", length, List.of(new Field("Range", value))))
          .isEqualTo(new RangePlan.Full());
    }
  }

  /** Characters of all kinds, those that mean something to one of the parsers oftener. */
  private static String text(SplittableRandom random) {
    String meaningful = "0123456789-,;=\"W/* \t:GMTSunNovbytes";
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(40); i > 0; i--) {
      text.append(
          random.nextInt(5) == 0
              ? (char) random.nextInt(0x10000)
              : meaningful.charAt(random.nextInt(meaningful.length())));
    }
    return text.toString();
  }

  private static RangePlan plan(String method, long length, List<Field> fields) {
    return RangePlanner.plan(
        new Request(method, "/s/x", fields),
        length,
        new Validator("\"v1\"", RangeRow.NOW.minusSeconds(60)),
        RangeRow.NOW);
  }
}

package io.swarmgate.backend.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.testing.BadOrigin;
import io.swarmgate.backend.testing.BadOrigin.Habit;
import io.swarmgate.backend.testing.Reading;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What an origin does wrong, whatever is asked for and however much is here: never a wrong byte.
 */
class OriginFaultsTest {
  private static final byte[] CONTENT = new byte[(3 << 20) + 12345];

  private static BadOrigin origin;

  @TempDir Path base;

  /** What a client asks for. */
  enum Shape {
    FULL,
    RANGE,
    MULTI_RANGE;

    List<ByteSpan> spans() {
      return switch (this) {
        case FULL -> List.of(new ByteSpan(0, CONTENT.length));
        case RANGE -> List.of(new ByteSpan(2_000_000, 2_900_000));
        case MULTI_RANGE ->
            List.of(
                new ByteSpan(3_000_000, 3_100_000),
                new ByteSpan(10, 20),
                new ByteSpan(900_000, 901_000));
      };
    }
  }

  @BeforeAll
  static void start() {
    new Random(7).nextBytes(CONTENT);
    origin = new BadOrigin();
  }

  @AfterAll
  static void end() {
    origin.close();
  }

  static Stream<Arguments> faults() {
    return Arrays.stream(Habit.values())
        .flatMap(
            habit ->
                Arrays.stream(Shape.values())
                    .flatMap(
                        shape ->
                            Stream.of(true, false)
                                .map(halfWarm -> Arguments.of(habit, shape, halfWarm))));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void everyBodyIsRightOrVisiblyAborted(Habit habit, Shape shape, boolean halfWarm)
      throws Exception {
    origin.serve(CONTENT, "\"one\"", null);
    boolean hangs = habit == Habit.HANGS;
    origin.behave(habit, habit.lasts() ? 1000 : hangs ? 1 : 2, halfWarm);
    OriginTimeouts timeouts = hangs ? ShieldFixture.HASTY : ShieldFixture.PATIENT;
    try (ShieldFixture node = new ShieldFixture(base, origin.url(), Map.of(), timeouts);
        Representation file = node.serve();
        ContentReader reader = file.reader()) {
      assertThat(file.validator().etag()).isEqualTo("\"one\"");

      Throwable failure = catchThrowable(() -> read(reader, shape));

      if (habit.isFatal()) {
        // What had come before is as good as it was.
        assertThat(failure)
            .satisfiesAnyOf(
                e -> assertThat(e).isNull(), e -> assertThat(e).isInstanceOf(IOException.class));
      } else {
        assertThat(failure).isNull();
      }
      if (habit.isFatal() && !halfWarm) {
        assertThat(failure).isInstanceOf(IOException.class);
        // The next response is the origin's own.
        Outcome next = node.open(ShieldFixture.get());
        assertThat(next).isInstanceOf(Outcome.PassThrough.class);
        ((Outcome.PassThrough) next).body().close();
      }
    }
  }

  private static void read(ContentReader reader, Shape shape) throws IOException {
    for (ByteSpan span : shape.spans()) {
      reader.expect(span);
      byte[] expected = Arrays.copyOfRange(CONTENT, (int) span.start(), (int) span.end());
      assertThat(Reading.span(reader, span)).isEqualTo(expected);
    }
  }
}

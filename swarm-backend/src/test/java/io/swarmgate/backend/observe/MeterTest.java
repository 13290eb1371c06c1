package io.swarmgate.backend.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.content.Validator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MeterTest {
  private final List<String> told = new ArrayList<>();
  private long now;
  private @Nullable Integer next;
  private @Nullable Sources sources = new Sources(0, 0, 0);

  private final Observer observer =
      new Observer() {
        @Override
        public void answered(String site, Answer answer) {
          told.add(site + " " + answer.label());
        }

        @Override
        public void delivered(String site, Provenance from, long bytes) {
          told.add(from.label() + " " + bytes);
        }

        @Override
        public void firstByte(String site, Duration waited) {
          told.add("first " + waited.toMillis());
        }

        @Override
        public void stalled(String site, Duration waited) {
          told.add("stall " + waited.toMillis());
        }

        @Override
        public void aborted(String site, String reason) {
          told.add("aborted " + reason);
        }
      };

  private final Meter meter = new Meter("s", observer, () -> now);

  @Test
  void bytesCountOnceTheirSliceIsGivenBackBySource() throws Exception {
    ContentReader reader = reader(Provenance.STORE);
    Slice slice = poll(reader, 10, new Sources(4, 6, 0));
    assertThat(told).containsExactly("s served", "first 0");
    slice.close();
    assertThat(told).endsWith("store 4", "peers 6");
    poll(reader, 5, new Sources(4, 6, 5)).close();
    assertThat(told).endsWith("peers 6", "origin 5");
  }

  @Test
  void contentThatDoesntTellIsTheSourcesOwn() throws Exception {
    sources = null;
    ContentReader reader = reader(Provenance.CONTENT);
    poll(reader, 10, null).close();
    assertThat(told).endsWith("content 10");
    assertThat(reader.sources()).isNull();
  }

  @Test
  void theFirstWaitIsForTheFirstByteAndLaterOnesAreStalls() throws Exception {
    ContentReader reader = reader(Provenance.STORE);
    pass(20);
    nothing(reader);
    pass(30);
    nothing(reader);
    poll(reader, 1, new Sources(0, 1, 0)).close();
    assertThat(told).contains("first 50");
    pass(40);
    poll(reader, 1, new Sources(0, 2, 0)).close();
    nothing(reader);
    pass(7);
    poll(reader, 1, new Sources(0, 3, 0)).close();
    assertThat(told).contains("stall 7").doesNotContain("stall 40");
    Sources all = Objects.requireNonNull(reader.sources());
    assertThat(all.stalledMillis()).isEqualTo(37);
    assertThat(all.peers()).isEqualTo(3);
  }

  @Test
  void aFailureIsToldOnceWithItsReason() {
    ContentReader reader = reader(Provenance.STORE);
    next = -1;
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> reader.poll(0, 1)).isInstanceOf(IOException.class);
    }
    assertThat(told).containsExactly("s served", "aborted broken");
  }

  @Test
  void otherAnswersAreCountedAndLeftAsTheyAre() {
    Outcome fail = new Outcome.Fail(502, "no answer");
    assertThat(meter.measured(fail, Provenance.STORE)).isSameAs(fail);
    meter.measured(new Outcome.Next(), Provenance.STORE);
    meter.measured(new Outcome.Busy(Duration.ZERO), Provenance.STORE);
    assertThat(told).containsExactly("s failed", "s passed_on", "s busy");
  }

  private ContentReader reader(Provenance otherwise) {
    Outcome outcome = meter.measured(new Outcome.Serve(new Fake()), otherwise);
    return ((Outcome.Serve) outcome).representation().reader();
  }

  private void pass(long millis) {
    now += TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private void nothing(ContentReader reader) throws IOException {
    next = null;
    assertThat(reader.poll(0, 100)).isNull();
  }

  private Slice poll(ContentReader reader, int length, @Nullable Sources after) throws IOException {
    next = length;
    pending = after;
    return Objects.requireNonNull(reader.poll(0, 100));
  }

  private @Nullable Sources pending;

  /** Gives what the test says. */
  private final class Fake implements Representation, ContentReader {
    @Override
    public @Nullable Slice poll(long position, int max) throws IOException {
      Integer length = next;
      if (length == null) {
        return null;
      }
      if (length < 0) {
        throw new IOException("broken");
      }
      sources = pending;
      ByteBuffer buffer = ByteBuffer.allocate(length);
      return new Slice() {
        @Override
        public ByteBuffer buffer() {
          return buffer;
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public @Nullable Sources sources() {
      return sources;
    }

    @Override
    public void onReady(Runnable waiter) {}

    @Override
    public long length() {
      return 1000;
    }

    @Override
    public @Nullable String contentType() {
      return null;
    }

    @Override
    public Validator validator() {
      return new Validator(null, null);
    }

    @Override
    public List<Field> fields() {
      return List.of();
    }

    @Override
    public ContentReader reader() {
      return this;
    }

    @Override
    public void close() {}
  }
}

package io.swarmgate.backend.testing;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** Reads what the backend gives out, as the HTTP side would, but blocking. */
public final class Reading {
  private Reading() {}

  public static Outcome await(CompletionStage<Outcome> stage) {
    try {
      return stage.toCompletableFuture().get(30, SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** The whole content; closes neither reader nor representation. */
  public static byte[] all(ContentReader reader, long length) throws IOException {
    return span(reader, new ByteSpan(0, length));
  }

  /** Some of the content; doesn't close the reader. */
  public static byte[] span(ContentReader reader, ByteSpan span) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (bytes.size() < span.length()) {
      int left = (int) Math.min(1 << 20, span.length() - bytes.size());
      Slice slice = reader.poll(span.start() + bytes.size(), left);
      if (slice == null) {
        pause(reader::onReady);
      } else {
        take(slice, bytes);
      }
    }
    return bytes.toByteArray();
  }

  /** The next bytes of a span that is not empty, at most 1 MiB; doesn't close the reader. */
  public static byte[] some(ContentReader reader, ByteSpan span) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (bytes.size() == 0) {
      Slice slice = reader.poll(span.start(), (int) Math.min(1 << 20, span.length()));
      if (slice == null) {
        pause(reader::onReady);
      } else {
        take(slice, bytes);
      }
    }
    return bytes.toByteArray();
  }

  /** The whole content of a representation, which is closed. */
  public static byte[] all(Representation representation) throws IOException {
    try (representation;
        ContentReader reader = representation.reader()) {
      return all(reader, representation.length());
    }
  }

  /** The whole body, which is closed. */
  public static byte[] all(Body body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (body) {
      while (!body.ended()) {
        Slice slice = body.poll(1 << 20);
        if (slice != null) {
          take(slice, bytes);
        } else if (!body.ended()) {
          pause(body::onReady);
        }
      }
    }
    return bytes.toByteArray();
  }

  public static Optional<String> field(List<Field> fields, String name) {
    return fields.stream().filter(field -> field.is(name)).map(Field::value).findFirst();
  }

  private static void take(Slice slice, ByteArrayOutputStream into) {
    byte[] part = new byte[slice.buffer().remaining()];
    slice.buffer().get(part);
    slice.close();
    into.writeBytes(part);
  }

  private static void pause(Consumer<Runnable> onReady) throws IOException {
    CountDownLatch ready = new CountDownLatch(1);
    onReady.accept(ready::countDown);
    try {
      if (!ready.await(30, SECONDS)) {
        throw new IOException("nothing came for 30 s");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}

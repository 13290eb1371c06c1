package io.swarmgate.filter.http;

import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.Sources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A multipart/byteranges body: part heads, ranges of one reader, the closing delimiter. */
final class MultipartBody implements Body {
  private final ContentReader reader;
  private final MultipartByteranges framing;
  private final Iterator<MultipartByteranges.Part> parts;
  private ByteBuffer heap = ByteBuffer.allocate(0);
  private @Nullable RangeBody range;
  private boolean closing;

  /**
   * The first range's first bytes. The response's head goes out with the first slice, and must not
   * before there is a byte of the file: until then the answer can still become an error.
   */
  private final AtomicReference<@Nullable Slice> first = new AtomicReference<>();

  private boolean begun;
  private volatile boolean closed;

  MultipartBody(ContentReader reader, MultipartByteranges framing) {
    this.reader = reader;
    this.framing = framing;
    this.parts = framing.parts().iterator();
    nextPart();
  }

  @Override
  public long length() {
    return framing.contentLength();
  }

  @Override
  public @Nullable Slice poll(int max) throws IOException {
    if (!begun && !begin(max)) {
      return null;
    }
    if (heap.hasRemaining()) {
      int count = Math.min(max, heap.remaining());
      ByteBuffer bytes = heap.slice(heap.position(), count);
      heap.position(heap.position() + count);
      return new HeapSlice(bytes);
    }
    if (range == null) {
      return null;
    }
    Slice slice = first.getAndSet(null);
    if (slice == null) {
      slice = range.poll(max);
    }
    if (range.ended()) {
      nextPart();
    }
    return slice;
  }

  private boolean begin(int max) throws IOException {
    Slice slice = range == null ? null : range.poll(max);
    if (slice == null) {
      return false;
    }
    begun = true;
    first.set(slice);
    // Guards against a close that came before there was a slice to give back.
    if (closed) {
      giveBackFirst();
      throw new IOException("the body is closed");
    }
    return true;
  }

  private void giveBackFirst() {
    Slice slice = first.getAndSet(null);
    if (slice != null) {
      slice.close();
    }
  }

  @Override
  public boolean ended() {
    return closing && !heap.hasRemaining();
  }

  @Override
  public void onReady(Runnable waiter) {
    reader.onReady(waiter);
  }

  @Override
  public @Nullable Sources sources() {
    return reader.sources();
  }

  @Override
  public void close() {
    closed = true;
    giveBackFirst();
    reader.close();
  }

  private void nextPart() {
    if (parts.hasNext()) {
      MultipartByteranges.Part part = parts.next();
      heap = ByteBuffer.wrap(part.head());
      range = new RangeBody(reader, part.span());
    } else {
      heap = ByteBuffer.wrap(framing.tail());
      range = null;
      closing = true;
    }
  }
}

package io.swarmgate.filter.http;

import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** A multipart/byteranges body: part heads, ranges of one reader, the closing delimiter. */
final class MultipartBody implements Body {
  private final ContentReader reader;
  private final MultipartByteranges framing;
  private final Iterator<MultipartByteranges.Part> parts;
  private ByteBuffer heap = ByteBuffer.allocate(0);
  private @Nullable RangeBody range;
  private boolean closing;

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
    if (heap.hasRemaining()) {
      int count = Math.min(max, heap.remaining());
      ByteBuffer bytes = heap.slice(heap.position(), count);
      heap.position(heap.position() + count);
      return new HeapSlice(bytes);
    }
    if (range == null) {
      return null;
    }
    Slice slice = range.poll(max);
    if (range.ended()) {
      nextPart();
    }
    return slice;
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
  public void close() {
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

package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.net.http.HttpResponse.BodyHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Where a file is taken in from: one version of it at one origin.
 *
 * @param head what that origin said of it; its length and validator tell the version
 * @param asked fields of a client's to ask with; none if the origin gives it to everybody
 */
record IngestFrom(OriginClient client, Origin origin, Target target, Head head, List<Field> asked) {
  /** The same, asked for with the fields of who wants it. */
  IngestFrom with(List<Field> fields) {
    return new IngestFrom(client.forFields(fields), origin, target, head, fields);
  }

  /** Whether parts of it can be told to be of the same version. */
  boolean isStrong() {
    return head.validator().isStrong();
  }

  /**
   * Begins a response.
   *
   * @param ranged whether just this part is asked for, or everything
   */
  <T> CompletionStage<Answer<T>> stream(
      ByteSpan span, boolean ranged, BodyHandler<T> handler, Call call) {
    return client.stream(origin, target, fields(span, ranged), handler, call);
  }

  private List<Field> fields(ByteSpan span, boolean ranged) {
    List<Field> fields = new ArrayList<>(asked);
    String etag = head.validator().etag();
    if (etag != null && isStrong()) {
      fields.add(new Field("If-Match", etag));
    }
    if (etag != null && ranged) {
      fields.add(new Field("Range", "bytes=" + span.start() + "-" + (span.end() - 1)));
      fields.add(new Field("If-Range", etag));
    }
    return fields;
  }

  /** What a response to that must be. */
  Fit.Asked asked(ByteSpan span) {
    return new Fit.Asked(
        span, head.length(), head.validator().etag(), head.validator().lastModified());
  }

  @Override
  public String toString() {
    return target + " at " + origin;
  }
}

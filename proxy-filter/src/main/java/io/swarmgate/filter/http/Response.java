package io.swarmgate.filter.http;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Cached;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.HttpDate;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A response made of a representation: what {@link Exchange#respond} is called with.
 *
 * @param status the status code
 * @param fields all fields of the head
 * @param body what follows; the holder closes it
 */
record Response(int status, List<Field> fields, Body body) {
  Response {
    fields = List.copyOf(fields);
  }

  /**
   * Answers a GET or HEAD. A reader is opened only if bytes are to be sent; the representation
   * stays open.
   *
   * @param contentType the representation's, or the container's for its path; null leaves it out
   */
  static Response to(
      RequestView request,
      Representation representation,
      @Nullable String contentType,
      Instant now) {
    Validator validator = presentable(representation.validator(), now);
    RangePlan plan =
        RangePlanner.plan(request, representation.length(), validator, representation.dated(now));
    return new Composer(
            representation,
            validator,
            contentType,
            fields(request, representation),
            cacheStatus(request, representation, plan),
            request.method().equals("HEAD"))
        .compose(plan);
  }

  /** The representation's further fields, without a digest that isn't wanted. */
  private static List<Field> fields(RequestView request, Representation representation) {
    return WantedDigest.accepts(request.fields("Want-Repr-Digest"))
        ? representation.fields()
        : representation.fields().stream().filter(field -> !field.is("Repr-Digest")).toList();
  }

  private static List<Field> cacheStatus(
      RequestView request, Representation representation, RangePlan plan) {
    Cached cached = representation.cached();
    return cached == null
        ? List.of()
        : List.of(
            CacheStatus.of(
                cached,
                representation.length(),
                plan.spans(representation.length()),
                request.method().equals("GET")));
  }

  /** Refuses a request for now (RFC 9110 sections 10.2.3 and 15.6.4). */
  static Response busy(Duration retryAfter) {
    return new Response(
        503,
        List.of(
            new Field("Retry-After", Long.toString(retryAfter.toSeconds())),
            new Field("Cache-Control", "no-store"),
            new Field("Content-Length", "0")),
        EmptyBody.INSTANCE);
  }

  /** A Last-Modified ahead of Date must not be sent (8.8.2.1), so nothing compares with it. */
  private static Validator presentable(Validator validator, Instant now) {
    Instant modified = validator.lastModified();
    return modified != null && modified.isAfter(now)
        ? new Validator(validator.etag(), null)
        : validator;
  }

  /**
   * Turns a plan into a head and a body.
   *
   * @param extra the representation's further fields
   * @param cacheStatus goes with every response; empty on an origin server
   */
  private record Composer(
      Representation representation,
      Validator validator,
      @Nullable String contentType,
      List<Field> extra,
      List<Field> cacheStatus,
      boolean headOnly) {

    Response compose(RangePlan plan) {
      long length = representation.length();
      if (plan instanceof RangePlan.Full) {
        Body body =
            headOnly
                ? EmptyBody.INSTANCE
                : new RangeBody(representation.reader(), new ByteSpan(0, length));
        return content(200, contentType, null, length, body);
      }
      if (plan instanceof RangePlan.Single single) {
        return content(
            206,
            contentType,
            ContentRange.of(single.span(), length),
            single.span().length(),
            new RangeBody(representation.reader(), single.span()));
      }
      if (plan instanceof RangePlan.Multi multi) {
        MultipartByteranges framing = MultipartByteranges.of(multi.spans(), length, contentType);
        return content(
            206,
            framing.contentType(),
            null,
            framing.contentLength(),
            new MultipartBody(representation.reader(), framing));
      }
      if (plan instanceof RangePlan.NotModified) {
        return notModified();
      }
      if (plan instanceof RangePlan.PreconditionFailed) {
        return error(412, List.of());
      }
      return error(
          416,
          List.of(
              new Field("Accept-Ranges", "bytes"),
              new Field("Content-Range", ContentRange.unsatisfied(length))));
    }

    private Response error(int status, List<Field> own) {
      List<Field> fields = new ArrayList<>(own);
      fields.add(contentLength(0));
      fields.addAll(cacheStatus);
      return new Response(status, fields, EmptyBody.INSTANCE);
    }

    /**
     * A 200 or 206. A 206 to an If-Range carries all fields of a 200 too: apt and others take the
     * file's time from it, although section 15.3.7 would rather leave them out.
     */
    private Response content(
        int status,
        @Nullable String type,
        @Nullable String contentRange,
        long contentLength,
        Body body) {
      List<Field> fields = new ArrayList<>();
      fields.add(new Field("Accept-Ranges", "bytes"));
      addIfKnown(fields, "ETag", validator.etag());
      addLastModified(fields);
      addIfKnown(fields, "Content-Type", type);
      addIfKnown(fields, "Content-Range", contentRange);
      fields.add(contentLength(contentLength));
      fields.addAll(extra);
      fields.addAll(cacheStatus);
      return new Response(status, fields, body);
    }

    /** What a cache needs to update what it has, and no other metadata (15.4.5). */
    private Response notModified() {
      List<Field> fields = new ArrayList<>();
      addIfKnown(fields, "ETag", validator.etag());
      if (validator.etag() == null) {
        addLastModified(fields);
      }
      extra.stream().filter(Composer::updatesCaches).forEach(fields::add);
      fields.addAll(cacheStatus);
      return new Response(304, fields, EmptyBody.INSTANCE);
    }

    private static boolean updatesCaches(Field field) {
      String name = field.name().toLowerCase(Locale.ROOT);
      return name.equals("content-location")
          || !(name.startsWith("content-") || name.equals("repr-digest"));
    }

    private void addLastModified(List<Field> fields) {
      Instant modified = validator.lastModified();
      addIfKnown(fields, "Last-Modified", modified == null ? null : HttpDate.format(modified));
    }

    private static void addIfKnown(List<Field> fields, String name, @Nullable String value) {
      if (value != null) {
        fields.add(new Field(name, value));
      }
    }

    private static Field contentLength(long length) {
      return new Field("Content-Length", Long.toString(length));
    }
  }
}

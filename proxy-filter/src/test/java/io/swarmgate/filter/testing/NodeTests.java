package io.swarmgate.filter.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What must hold in every container, of a publisher and of an edge that has to fetch what it is
 * asked for: the rows of the table that fit a published file, each with a file of its own, and
 * ranges at the edges of pieces and extents.
 */
@TestInstance(Lifecycle.PER_CLASS)
public abstract class NodeTests {
  /** Bytes in a piece of a small file. */
  private static final int PIECE = 256 << 10;

  /** Eight pieces, two to an extent, and a short one. */
  private static final int LENGTH = 8 * PIECE + 100;

  private static final List<RangeRow> ROWS =
      RangeRow.table().filter(row -> row.representation().equals("both")).toList();

  private final byte[] big = RowAnswer.content(new ByteSpan(0, LENGTH));
  private @Nullable NodePair nodes;

  /** Starts a server of the container's, with a node of these settings in it. */
  protected abstract WebServer start(Map<String, String> settings, Path base) throws Exception;

  @BeforeAll
  protected void startNodes(@TempDir Path base) throws Exception {
    Map<String, byte[]> files = new HashMap<>();
    byte[] content = RowAnswer.content(new ByteSpan(0, RangeRow.LENGTH));
    for (int i = 0; i < ROWS.size(); i++) {
      files.put(name(i), content);
    }
    files.put("boundaries.bin", big);
    files.put("gaps.bin", big);
    nodes = new NodePair(this::start, base, files);
  }

  @AfterAll
  protected void stop() {
    if (nodes != null) {
      nodes.close();
    }
  }

  protected static Stream<Arguments> rows() {
    return IntStream.range(0, ROWS.size()).mapToObj(i -> Arguments.of(i, ROWS.get(i)));
  }

  @ParameterizedTest
  @MethodSource("rows")
  protected void aPublisherAnswersByTheTable(int index, RangeRow row) throws Exception {
    RawResponse response = exchange(nodes().publisher(), index, row);

    assertThat(response.value("Cache-Status")).isNull();
  }

  @ParameterizedTest
  @MethodSource("rows")
  protected void anEdgeThatHasNothingYetAnswersByTheTable(int index, RangeRow row)
      throws Exception {
    RawResponse response = exchange(nodes().edge(), index, row);

    String status = response.required("Cache-Status");
    CacheStatusGrammar.check(status);
    assertThat(status).startsWith("Swarmgate; ").doesNotContain("relayed");
    if (RowAnswer.hasContent(row)) {
      assertThat(status).contains("; fwd=uri-miss;").contains("; stored;").contains("\"0 of ");
    }
  }

  private static RawResponse exchange(int port, int index, RangeRow row) throws Exception {
    byte[] sha256 =
        MessageDigest.getInstance("SHA-256")
            .digest(RowAnswer.content(new ByteSpan(0, RangeRow.LENGTH)));
    String etag = '"' + HexFormat.of().formatHex(sha256) + '"';
    List<Field> fields =
        row.fields().stream()
            .map(field -> new Field(field.name(), field.value().replace("\"v1\"", etag)))
            .toList();

    RawResponse response = RawClient.exchange(port, row.method(), "/s/" + name(index), fields);

    RowAnswer.check(
        row,
        new Validator(etag, NodePair.MODIFIED),
        "sha-256=:" + Base64.getEncoder().encodeToString(sha256) + ":",
        response);
    return response;
  }

  @Test
  protected void otherMethodsGoToWhateverIsBehindUs() throws Exception {
    for (int port : new int[] {nodes().publisher(), nodes().edge()}) {
      for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS")) {
        RawResponse response =
            RawClient.exchange(
                port, method, "/s/gaps.bin", List.of(new Field("Content-Length", "0")));

        assertThat(response.value("ETag")).as(method).isNull();
        assertThat(response.value("Accept-Ranges")).as(method).isNull();
        assertThat(response.body().length).as(method).isLessThan(10_000);
      }
    }
  }

  @Test
  protected void aPublisherIsExactAroundEveryBoundary() throws Exception {
    checkBoundaries(nodes().publisher());
  }

  @Test
  protected void anEdgeIsExactAroundEveryBoundaryOfPiecesAndExtents() throws Exception {
    checkBoundaries(nodes().edge());
  }

  /** One and two bytes, ending and beginning one before, at and one after each boundary. */
  private void checkBoundaries(int port) throws Exception {
    for (int boundary = 0; boundary < LENGTH; boundary += PIECE) {
      for (int start = Math.max(0, boundary - 2); start <= boundary + 1; start++) {
        checkRange(port, "boundaries.bin", start, start + 1);
        checkRange(port, "boundaries.bin", start, start + 2);
      }
      checkRange(port, "boundaries.bin", boundary, Math.min(LENGTH, boundary + PIECE));
    }
    for (int start = LENGTH - 2; start < LENGTH; start++) {
      checkRange(port, "boundaries.bin", start, LENGTH);
      assertThat(NodePair.range(port, "boundaries.bin", "bytes=" + start + "-" + LENGTH).body())
          .isEqualTo(RowAnswer.content(new ByteSpan(start, LENGTH)));
    }
    assertThat(NodePair.range(port, "boundaries.bin", "bytes=" + LENGTH + "-").status())
        .isEqualTo(416);
    checkRange(port, "boundaries.bin", PIECE - 1, 8 * PIECE + 1);
    checkRange(port, "boundaries.bin", 0, LENGTH);
  }

  @Test
  protected void rangesSpanPiecesThatAreHereAndPiecesThatAreNot() throws Exception {
    int edge = nodes().edge();
    for (int piece : new int[] {1, 2, 5}) {
      int middle = piece * PIECE + PIECE / 2;
      assertThat(checkRange(edge, "gaps.bin", middle, middle + 1))
          .contains("\"0 of 1 bytes held\"");
    }

    assertThat(checkRange(edge, "gaps.bin", PIECE, 3 * PIECE)).contains("; hit");
    assertThat(checkRange(edge, "gaps.bin", PIECE - 1, PIECE + 1))
        .contains("\"1 of 2 bytes held\"");
    assertThat(checkRange(edge, "gaps.bin", 3 * PIECE - 2, 3 * PIECE + 3))
        .contains("fwd=partial", "\"2 of 5 bytes held\"");
    // Of the first range one byte is here, in a piece that came for the range before.
    String several =
        "bytes=%d-%d,%d-%d".formatted(4 * PIECE - 1, 4 * PIECE, 6 * PIECE + 5, 6 * PIECE + 9);
    RawResponse parts = NodePair.range(edge, "gaps.bin", several);
    assertThat(parts.required("Cache-Status")).contains("\"1 of 7 bytes held\"");
    assertThat(parts.status()).isEqualTo(206);
    assertThat(parts.whole()).isTrue();
    assertThat(checkRange(edge, "gaps.bin", LENGTH - 101, LENGTH))
        .contains("\"0 of 101 bytes held\"");
    assertThat(checkRange(edge, "gaps.bin", 0, LENGTH)).contains("; hit");
  }

  /** Asks for a range, checks it to the byte, and returns its Cache-Status. */
  private String checkRange(int port, String name, int start, int end) throws Exception {
    RawResponse response = NodePair.range(port, name, "bytes=" + start + "-" + (end - 1));
    assertThat(response.status()).isEqualTo(206);
    assertThat(response.whole()).isTrue();
    assertThat(response.value("Content-Range"))
        .isEqualTo("bytes %d-%d/%d".formatted(start, end - 1, LENGTH));
    assertThat(response.body()).isEqualTo(Arrays.copyOfRange(big, start, end));
    String status = response.value("Cache-Status");
    return status == null ? "" : status;
  }

  private NodePair nodes() {
    NodePair started = nodes;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    return started;
  }

  private static String name(int row) {
    return "row-%03d.txt".formatted(row);
  }
}

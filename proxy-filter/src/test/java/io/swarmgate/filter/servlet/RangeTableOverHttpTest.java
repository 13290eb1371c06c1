package io.swarmgate.filter.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.filter.testing.MemoryRepresentation;
import io.swarmgate.filter.testing.RangeRow;
import io.swarmgate.filter.testing.RawClient;
import io.swarmgate.filter.testing.RawResponse;
import io.swarmgate.filter.testing.RowAnswer;
import io.swarmgate.filter.testing.ScriptedBackend;
import io.swarmgate.filter.testing.Settled;
import io.swarmgate.filter.testing.WebServer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The planner's table again, over sockets, from a body that is there and from one that comes. */
class RangeTableOverHttpTest {
  private static final Map<Container, ScriptedBackend> BACKENDS = new EnumMap<>(Container.class);
  private static final Map<Container, WebServer> SERVERS = new EnumMap<>(Container.class);

  @BeforeAll
  static void start() throws Exception {
    for (Container container : Container.values()) {
      ScriptedBackend backend = new ScriptedBackend();
      BACKENDS.put(container, backend);
      SERVERS.put(container, container.start(backend));
    }
  }

  @AfterAll
  static void stop() {
    SERVERS.values().forEach(WebServer::close);
  }

  static Stream<Arguments> table() {
    return Stream.of(Container.values())
        .flatMap(
            container ->
                Stream.of(false, true)
                    .flatMap(
                        cold -> RangeRow.table().map(row -> Arguments.of(container, cold, row))));
  }

  @ParameterizedTest
  @MethodSource("table")
  void answersByTheTable(Container container, boolean cold, RangeRow row) throws Exception {
    Validator validator = RangeRow.validator(row.representation());
    MemoryRepresentation representation =
        new MemoryRepresentation(
            RangeRow.LENGTH, validator, "text/plain", List.of(new Field("Repr-Digest", "x=:y:")));
    if (cold) {
      representation.trickling(7);
    }
    at(BACKENDS, container).answer(new Outcome.Serve(representation));
    RawResponse response =
        RawClient.exchange(at(SERVERS, container).port(), row.method(), "/s/x.txt", row.fields());

    RowAnswer.check(row, validator, "x=:y:", response);
    assertThat(representation.readersOpened).hasValue(RowAnswer.hasContent(row) ? 1 : 0);
    Settled.assertAllGivenBack(representation);
  }

  private static <T> T at(Map<Container, T> map, Container container) {
    T value = map.get(container);
    if (value == null) {
      throw new IllegalStateException(container.name());
    }
    return value;
  }
}

package io.swarmgate.backend.testing;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.Field;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request made up by a test. */
public record TestRequest(
    String method,
    String rawPath,
    @Nullable String query,
    @Nullable String host,
    String clientAddress,
    List<Field> all)
    implements RequestView {

  public static TestRequest get(String target) {
    int mark = target.indexOf('?');
    return new TestRequest(
        "GET",
        mark < 0 ? target : target.substring(0, mark),
        mark < 0 ? null : target.substring(mark + 1),
        "files.test",
        "127.0.0.1",
        List.of(new Field("Host", "files.test")));
  }

  public TestRequest method(String other) {
    return new TestRequest(other, rawPath, query, host, clientAddress, all);
  }

  public TestRequest host(String other) {
    return new TestRequest(method, rawPath, query, other, clientAddress, all);
  }

  public TestRequest from(String address) {
    return new TestRequest(method, rawPath, query, host, address, all);
  }

  public TestRequest with(String name, String value) {
    List<Field> more = new ArrayList<>(all);
    more.add(new Field(name, value));
    return new TestRequest(method, rawPath, query, host, clientAddress, more);
  }

  @Override
  public List<String> fields(String name) {
    return all.stream().filter(field -> field.is(name)).map(Field::value).toList();
  }

  @Override
  public List<String> fieldNames() {
    return all.stream().map(Field::name).distinct().toList();
  }
}

package io.swarmgate.filter.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerLoaderTest {
  /** Else the tests in these containers would show nothing that those in others don't. */
  @ParameterizedTest
  @ValueSource(strings = {"tomcat-10.1", "jetty-ee10"})
  void aContainerOfServlet60IsWrittenToByCopy(String directory) throws Exception {
    ContainerLoader loader = ContainerLoader.of(directory);
    Class<?> stream = loader.loadClass("jakarta.servlet.ServletOutputStream");
    assertThat(Arrays.stream(stream.getMethods()).map(Method::toString))
        .noneMatch(method -> method.contains("write(java.nio.ByteBuffer)"));

    Method detect = loader.loadClass(SliceOutput.class.getName()).getDeclaredMethod("detect");
    detect.setAccessible(true);
    Supplier<?> outputs = (Supplier<?>) detect.invoke(null);
    assertThat(outputs.get().getClass().getSimpleName()).isEqualTo("ByCopy");
  }
}

package io.swarmgate.filter.servlet;

import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a servlet container does that the Servlet specification leaves open. */
enum ContainerTraits {
  /** Passes buffers by reference down to the socket, whatever their length. */
  JETTY(1024 * 1024, true) {
    /** Its handlers that compress set Vary before the application is called. */
    @Override
    boolean mayCode(HttpServletResponse response, @Nullable String etag) {
      return response.getHeaders("Vary").stream()
          .flatMap(line -> Arrays.stream(line.split(",")))
          .map(name -> name.strip().toLowerCase(Locale.ROOT))
          .anyMatch(name -> name.equals("accept-encoding") || name.equals("*"));
    }
  },

  /**
   * Copies what the socket, or an HTTP/2 window, doesn't take at once to a buffer of its own, which
   * has no bound but the length of a write. Over HTTP/2 it forgets the bytes that wait for a window
   * when a response is completed.
   */
  TOMCAT(64 * 1024, false) {
    /** Compresses nothing that has a strong entity-tag. */
    @Override
    boolean mayCode(HttpServletResponse response, @Nullable String etag) {
      return etag == null || etag.startsWith("W/");
    }
  },

  /** One that isn't known, and so may do as any. */
  OTHER(64 * 1024, false) {
    @Override
    boolean mayCode(HttpServletResponse response, @Nullable String etag) {
      return true;
    }
  };

  private final int maxSlice;
  private final boolean completesBusy;

  ContainerTraits(int maxSlice, boolean completesBusy) {
    this.maxSlice = maxSlice;
    this.completesBusy = completesBusy;
  }

  /** Most bytes to hand over in one asynchronous write. */
  int maxSlice() {
    return maxSlice;
  }

  /** Whether an asynchronous response may be completed while bytes of it are still to be sent. */
  boolean completesBusy() {
    return completesBusy;
  }

  /**
   * Whether it may put a content coding on a response that names none itself, if the client takes
   * one.
   *
   * @param response as it came to the filter
   * @param etag of the response's head; null if it has none
   */
  abstract boolean mayCode(HttpServletResponse response, @Nullable String etag);

  static ContainerTraits of(ServletContext context) {
    String name = context.getServerInfo().toLowerCase(Locale.ROOT);
    if (name.startsWith("jetty/")) {
      return JETTY;
    }
    return name.startsWith("apache tomcat/") ? TOMCAT : OTHER;
  }
}

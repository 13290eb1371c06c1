package io.swarmgate.filter.servlet;

import static java.nio.charset.StandardCharsets.US_ASCII;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What stands at the end of the chain: says that it was reached, and how. A field Last has it do so
 * asynchronously, in the way that it names.
 */
final class LastServlet extends HttpServlet {
  private static final long serialVersionUID = 1;
  private static final String AGAIN = "again";

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String how = request.getHeader("Last");
    if (how == null || request.getAttribute(AGAIN) != null) {
      answer(request, response);
      return;
    }
    AsyncContext async = request.startAsync();
    switch (how) {
      case "complete" ->
          async.start(
              () -> {
                answer(request, response);
                async.complete();
              });
      case "refuse" ->
          async.start(
              () -> {
                response.setStatus(403);
                answer(request, response);
                async.complete();
              });
      case "dispatch" -> {
        request.setAttribute(AGAIN, true);
        async.dispatch();
      }
      default -> async.setTimeout(20);
    }
  }

  private static void answer(HttpServletRequest request, HttpServletResponse response) {
    byte[] body = "last".getBytes(US_ASCII);
    response.setHeader("Dispatched-As", request.getDispatcherType().name());
    response.setContentLength(body.length);
    try {
      response.getOutputStream().write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

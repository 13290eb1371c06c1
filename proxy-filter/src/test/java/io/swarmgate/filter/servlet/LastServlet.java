package io.swarmgate.filter.servlet;

import static java.nio.charset.StandardCharsets.US_ASCII;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** What stands at the end of the chain: says that it was reached, and how. */
final class LastServlet extends HttpServlet {
  private static final long serialVersionUID = 1;

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    byte[] body = "last".getBytes(US_ASCII);
    response.setHeader("Dispatched-As", request.getDispatcherType().name());
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}

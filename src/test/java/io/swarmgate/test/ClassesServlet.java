package io.swarmgate.test;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;

/** A web application's servlet that tells which classes it sees. */
public class ClassesServlet extends HttpServlet {
  private static final long serialVersionUID = 1;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    for (String name :
        List.of(
            "io.swarmgate.jetty.SwarmgateHandler",
            "io.swarmgate.backend.Backend",
            "com.google.common.collect.ImmutableList",
            "jakarta.servlet.Servlet")) {
      response.getWriter().println(name + (isVisible(name) ? " visible" : " hidden"));
    }
  }

  private boolean isVisible(String name) {
    try {
      Class.forName(name, false, getClass().getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}

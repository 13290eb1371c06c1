package io.swarmgate.filter.servlet;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * A login that an application has behind us, as a filter for requests alone: lets pass what has no
 * field Gate, and does else what that says.
 */
final class GateFilter implements Filter {
  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    HttpServletRequest asked = (HttpServletRequest) request;
    HttpServletResponse answer = (HttpServletResponse) response;
    String gate = asked.getHeader("Gate");
    if (gate == null) {
      chain.doFilter(request, response);
      return;
    }
    answer.setHeader(
        "Gate-Saw",
        asked.getMethod()
            + " "
            + asked.getHeader("Range")
            + " "
            + asked.getHeader("If-None-Match"));
    switch (gate) {
      case "open" -> {
        answer.addCookie(new Cookie("seen", "yes"));
        chain.doFilter(request, response);
      }
      case "error" -> {
        answer.setHeader("WWW-Authenticate", "Basic");
        answer.sendError(401);
      }
      case "redirect" -> answer.sendRedirect("/login");
      case "page" -> {
        answer.setStatus(403);
        answer.setContentType("text/html;charset=utf-8");
        answer.getWriter().write("<p>no");
      }
      default -> throw new ServletException(gate);
    }
  }
}

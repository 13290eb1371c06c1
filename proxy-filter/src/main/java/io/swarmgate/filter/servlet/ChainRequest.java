package io.swarmgate.filter.servlet;

import io.swarmgate.filter.http.ChainAnswer;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request as it is shown to the chain that is asked: a HEAD without ranges and conditions. */
final class ChainRequest extends HttpServletRequestWrapper {
  private final ChainDispatch dispatch;

  ChainRequest(HttpServletRequest request, ChainDispatch dispatch) {
    super(request);
    this.dispatch = dispatch;
  }

  @Override
  public String getMethod() {
    return "HEAD";
  }

  @Override
  public @Nullable String getHeader(String name) {
    return ChainAnswer.hides(name) ? null : super.getHeader(name);
  }

  @Override
  public Enumeration<String> getHeaders(String name) {
    return ChainAnswer.hides(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
  }

  @Override
  public Enumeration<String> getHeaderNames() {
    List<String> shown =
        Collections.list(super.getHeaderNames()).stream()
            .filter(name -> !ChainAnswer.hides(name))
            .toList();
    return Collections.enumeration(shown);
  }

  @Override
  public long getDateHeader(String name) {
    return ChainAnswer.hides(name) ? -1 : super.getDateHeader(name);
  }

  @Override
  public int getIntHeader(String name) {
    return ChainAnswer.hides(name) ? -1 : super.getIntHeader(name);
  }

  @Override
  public DispatcherType getDispatcherType() {
    return dispatch.isAgain() ? DispatcherType.ASYNC : super.getDispatcherType();
  }

  @Override
  public AsyncContext startAsync() {
    return dispatch.startAsync(this, dispatch.response());
  }

  @Override
  public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
    return dispatch.startAsync(request, response);
  }

  @Override
  public boolean isAsyncStarted() {
    return dispatch.isAsyncStarted();
  }

  @Override
  public AsyncContext getAsyncContext() {
    return dispatch.asyncContext();
  }
}

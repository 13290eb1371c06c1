package io.swarmgate.filter.servlet;

import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.HttpDate;
import io.swarmgate.filter.http.ChainAnswer;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the chain answers when it is asked, kept from the client until it is known to be a refusal.
 * Cookies alone go to the client's response at once, whatever the answer is. Used by one thread at
 * a time, as a servlet's response is.
 */
final class ChainResponse extends HttpServletResponseWrapper {
  /** Longest body of a refusal that is kept for the client, in bytes: a page, not a file. */
  private static final int MOST = 64 * 1024;

  /** What a container may hold back before it commits a response, in bytes. */
  private static final int BUFFER = 8 * 1024;

  private final Executor later;

  /** What it wraps, for who wants to see that. */
  private final ServletResponse wrapped;

  private final Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  /** Names whose values take the place of those that are there already. */
  private final Set<String> replacing = new LinkedHashSet<>();

  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final Sink sink = new Sink();
  private @Nullable PrintWriter writer;
  private @Nullable String encoding;
  private @Nullable String contentType;
  private int status = SC_OK;
  private boolean error;
  private @Nullable String message;
  private @Nullable String redirect;
  private boolean committed;

  /**
   * Wraps the client's response.
   *
   * @param later runs what the container would run once the servlet has returned
   */
  ChainResponse(HttpServletResponse response, ContainerTraits container, Executor later) {
    super(response);
    this.later = later;
    this.wrapped = container == ContainerTraits.TOMCAT ? unrecognisable(response) : response;
  }

  private static HttpServletResponse unrecognisable(HttpServletResponse response) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          try {
            return method.invoke(response, arguments);
          } catch (InvocationTargetException e) {
            throw e.getTargetException();
          }
        };
    Class<HttpServletResponse> type = HttpServletResponse.class;
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /**
   * The client's response, in Tomcat under a cover: when a request has been forwarded, Tomcat 11
   * ends the response of its own that it finds beneath all wrappers, and the client would be sent
   * nothing.
   */
  @Override
  public ServletResponse getResponse() {
    return wrapped;
  }

  ChainAnswer answer() {
    List<Field> all = new ArrayList<>();
    fields.forEach((name, values) -> values.forEach(value -> all.add(new Field(name, value))));
    return new ChainAnswer(status, all);
  }

  /** Makes the client's response what this one is. */
  void giveTo(HttpServletResponse client, boolean headOnly) throws IOException {
    flushWriter();
    fields.forEach((name, values) -> give(client, name, values));
    String location = redirect;
    if (error) {
      // The container's own page, or the application's, as for any request.
      sendError(client);
    } else if (location != null) {
      client.sendRedirect(location);
    } else {
      client.setStatus(status);
      if (contentType != null) {
        client.setContentType(contentType);
      }
      if (!headOnly) {
        byte[] page = body.size() > MOST ? new byte[0] : body.toByteArray();
        client.setContentLength(page.length);
        client.getOutputStream().write(page);
      }
    }
  }

  private void sendError(HttpServletResponse client) throws IOException {
    if (message == null) {
      client.sendError(status);
    } else {
      client.sendError(status, message);
    }
  }

  private void give(HttpServletResponse client, String name, List<String> values) {
    boolean replaces = replacing.contains(name.toLowerCase(Locale.ROOT));
    for (String value : values) {
      if (replaces) {
        client.setHeader(name, value);
        replaces = false;
      } else {
        client.addHeader(name, value);
      }
    }
  }

  @Override
  public void setStatus(int code) {
    if (!committed) {
      status = code;
    }
  }

  @Override
  public int getStatus() {
    return status;
  }

  @Override
  public void sendError(int code) {
    sendError(code, null);
  }

  @Override
  @SuppressWarnings("NullAway") // The API has no annotations, and allows null.
  public void sendError(int code, @Nullable String text) {
    requireUncommitted();
    resetBuffer();
    status = code;
    error = true;
    message = text;
    committed = true;
  }

  @Override
  public void sendRedirect(String location) {
    requireUncommitted();
    resetBuffer();
    status = SC_FOUND;
    redirect = location;
    committed = true;
  }

  @Override
  public void sendRedirect(String location, boolean clearBuffer) {
    sendRedirect(location, SC_FOUND, clearBuffer);
  }

  @Override
  public void sendRedirect(String location, int code) {
    sendRedirect(location, code, true);
  }

  @Override
  public void sendRedirect(String location, int code, boolean clearBuffer) {
    requireUncommitted();
    if (clearBuffer) {
      resetBuffer();
    }
    status = code;
    setHeader("Location", location);
    committed = true;
  }

  private void requireUncommitted() {
    if (committed) {
      throw new IllegalStateException("the response is committed");
    }
  }

  @Override
  public void setHeader(String name, @Nullable String value) {
    if (isSettled(name, value)) {
      return;
    }
    replacing.add(name.toLowerCase(Locale.ROOT));
    if (value == null) {
      fields.remove(name);
    } else {
      fields.put(name, new ArrayList<>(List.of(value)));
    }
  }

  @Override
  public void addHeader(String name, @Nullable String value) {
    if (value != null && !isSettled(name, value)) {
      fields.computeIfAbsent(name, absent -> new ArrayList<>()).add(value);
    }
  }

  /** Whether a field has no place among the others, or comes too late. */
  private boolean isSettled(String name, @Nullable String value) {
    if (committed) {
      return true;
    }
    if (name.equalsIgnoreCase("Content-Type")) {
      setContentType(value);
      return true;
    }
    // Of a body that the client isn't sent, or is sent otherwise.
    return name.equalsIgnoreCase("Content-Length") || name.equalsIgnoreCase("Transfer-Encoding");
  }

  @Override
  public void setDateHeader(String name, long date) {
    setHeader(name, HttpDate.format(Instant.ofEpochMilli(date)));
  }

  @Override
  public void addDateHeader(String name, long date) {
    addHeader(name, HttpDate.format(Instant.ofEpochMilli(date)));
  }

  @Override
  public void setIntHeader(String name, int value) {
    setHeader(name, Integer.toString(value));
  }

  @Override
  public void addIntHeader(String name, int value) {
    addHeader(name, Integer.toString(value));
  }

  @Override
  public boolean containsHeader(String name) {
    return fields.containsKey(name) || super.containsHeader(name);
  }

  @Override
  public @Nullable String getHeader(String name) {
    List<String> values = fields.get(name);
    return values == null ? super.getHeader(name) : values.get(0);
  }

  @Override
  public Collection<String> getHeaders(String name) {
    List<String> values = fields.get(name);
    return values == null ? super.getHeaders(name) : List.copyOf(values);
  }

  @Override
  public Collection<String> getHeaderNames() {
    Set<String> names = new LinkedHashSet<>(super.getHeaderNames());
    names.addAll(fields.keySet());
    return names;
  }

  @Override
  public void setContentLength(int length) {}

  @Override
  public void setContentLengthLong(long length) {}

  @Override
  public void setContentType(@Nullable String type) {
    if (!committed) {
      contentType = type;
    }
  }

  @Override
  public @Nullable String getContentType() {
    return contentType;
  }

  @Override
  public void setCharacterEncoding(@Nullable String charset) {
    encoding = charset;
  }

  @Override
  public void setCharacterEncoding(@Nullable Charset charset) {
    encoding = charset == null ? null : charset.name();
  }

  @Override
  public String getCharacterEncoding() {
    String given = encoding;
    return given == null ? StandardCharsets.ISO_8859_1.name() : given;
  }

  @Override
  public void setLocale(@Nullable Locale locale) {}

  @Override
  public void setTrailerFields(Supplier<Map<String, String>> supplier) {}

  @Override
  public void setBufferSize(int size) {}

  @Override
  public int getBufferSize() {
    return BUFFER;
  }

  @Override
  public void flushBuffer() {
    committed = true;
  }

  @Override
  public boolean isCommitted() {
    return committed;
  }

  @Override
  public void resetBuffer() {
    requireUncommitted();
    body.reset();
  }

  @Override
  public void reset() {
    resetBuffer();
    fields.clear();
    replacing.clear();
    status = SC_OK;
    contentType = null;
    encoding = null;
  }

  @Override
  public ServletOutputStream getOutputStream() {
    return sink;
  }

  @Override
  public PrintWriter getWriter() {
    PrintWriter open = writer;
    if (open == null) {
      Charset charset = Charset.forName(getCharacterEncoding());
      open = new PrintWriter(new OutputStreamWriter(sink, charset));
      writer = open;
      if (contentType != null && !contentType.contains("charset=")) {
        contentType += ";charset=" + charset.name().toLowerCase(Locale.ROOT);
      }
    }
    return open;
  }

  private void flushWriter() {
    if (writer != null) {
      writer.flush();
    }
  }

  /** Takes a body. Of one that may be a file's, no more is kept than tells that it is too long. */
  private final class Sink extends ServletOutputStream {
    private long written;

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      written += length;
      committed |= written > BUFFER;
      body.write(bytes, offset, Math.min(length, MOST + 1 - body.size()));
    }

    @Override
    public void flush() {
      committed = true;
    }

    @Override
    public void close() {
      committed = true;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setWriteListener(WriteListener listener) {
      later.execute(
          () -> {
            try {
              listener.onWritePossible();
            } catch (IOException e) {
              listener.onError(e);
            }
          });
    }
  }
}

package io.swarmgate.filter.servlet;

/** A running server with the filter in it, compressing what it may. */
interface WebServer extends AutoCloseable {
  int port();

  @Override
  void close();
}

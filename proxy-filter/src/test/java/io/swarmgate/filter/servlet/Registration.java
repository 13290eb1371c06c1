package io.swarmgate.filter.servlet;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import java.util.EnumSet;
import java.util.Map;

/** How an application adds the filter by itself, and what stands behind it. */
final class Registration {
  private Registration() {}

  static void register(
      ServletContext context, SwarmgateFilter filter, Map<String, String> parameters) {
    FilterRegistration.Dynamic registered = context.addFilter("swarmgate", filter);
    registered.setAsyncSupported(true);
    registered.setInitParameters(parameters);
    registered.addMappingForUrlPatterns(
        EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC), false, "/*");
    FilterRegistration.Dynamic gate = context.addFilter("gate", new GateFilter());
    gate.setAsyncSupported(true);
    gate.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), true, "/*");
    ServletRegistration.Dynamic last = context.addServlet("last", new LastServlet());
    last.setAsyncSupported(true);
    last.addMapping("/");
  }
}

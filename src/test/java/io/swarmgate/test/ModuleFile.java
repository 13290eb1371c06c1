package io.swarmgate.test;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A Jetty module file's sections, without blank lines; comments only where they are the content.
 */
record ModuleFile(Map<String, List<String>> sections) {
  static ModuleFile read(Path file) throws IOException {
    Map<String, List<String>> sections = new LinkedHashMap<>();
    List<String> current = new ArrayList<>();
    for (String line : Files.readAllLines(file, UTF_8)) {
      if (line.startsWith("[")) {
        current = new ArrayList<>();
        sections.put(line.substring(1, line.indexOf(']')), current);
      } else if (!line.isBlank()) {
        current.add(line.strip());
      }
    }
    return new ModuleFile(sections);
  }

  List<String> section(String name) {
    return sections.getOrDefault(name, List.of()).stream()
        .filter(line -> name.equals("ini-template") || !line.startsWith("#"))
        .toList();
  }
}

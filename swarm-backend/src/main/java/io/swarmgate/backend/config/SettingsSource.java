package io.swarmgate.backend.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Brings together what a container was told and what the {@code config} file says. */
final class SettingsSource {
  private static final Pattern ENV = Pattern.compile("\\$\\{env\\.([^}]*)}");

  private final Path base;
  private final Function<String, @Nullable String> env;
  private final List<String> problems;

  SettingsSource(Path base, Function<String, @Nullable String> env, List<String> problems) {
    this.base = base;
    this.env = env;
    this.problems = problems;
  }

  /** What is set, trimmed, without empty values; the container's values go before the file's. */
  Map<String, String> merge(Map<String, String> given) {
    Map<String, String> all = new TreeMap<>();
    Map<String, String> own = filled(given);
    String file = own.get(Setting.CONFIG.key());
    if (file != null) {
      all.putAll(filled(read(file)));
      if (all.containsKey(Setting.CONFIG.key())) {
        problems.add("config: expected no further file named in " + file + ", got one");
      }
    }
    all.putAll(own);
    checkNames(all);
    return all;
  }

  private static Map<String, String> filled(Map<String, String> values) {
    Map<String, String> filled = new HashMap<>();
    values.forEach(
        (name, value) -> {
          if (!value.isBlank()) {
            filled.put(name.strip(), value.strip());
          }
        });
    return filled;
  }

  private Map<String, String> read(String file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(base.resolve(file), StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      problems.add(
          "config: expected a readable properties file, got \""
              + base.resolve(file)
              + "\" ("
              + e
              + ")");
    }
    Map<String, String> values = new HashMap<>();
    for (String name : properties.stringPropertyNames()) {
      values.put(name, expanded(name, properties.getProperty(name)));
    }
    return values;
  }

  private String expanded(String name, String value) {
    return ENV.matcher(value)
        .replaceAll(
            match -> {
              String found = env.apply(match.group(1));
              if (found == null) {
                problems.add(
                    name + ": expected environment variable " + match.group(1) + ", got none");
                return "";
              }
              return Matcher.quoteReplacement(found);
            });
  }

  private void checkNames(Map<String, String> values) {
    List<String> sites = Parsers.items(values.getOrDefault(Setting.SITES.key(), ""));
    List<String> known = new ArrayList<>();
    for (Setting setting : Setting.values()) {
      known.add(setting.key());
      if (setting.isPerSite()) {
        sites.forEach(site -> known.add(site + "." + setting.key()));
      }
    }
    for (String name : values.keySet()) {
      if (!known.contains(name)) {
        problems.add(
            name
                + ": expected a known name"
                + Spelling.hint(name, known)
                + ", got \""
                + name
                + '"');
      } else if (!isSupported(name)) {
        problems.add(
            name + ": not supported yet, expected it unset, got \"" + values.get(name) + '"');
      }
    }
  }

  private static boolean isSupported(String name) {
    String key = name.substring(name.lastIndexOf('.') + 1);
    return Setting.named(key).map(Setting::isSupported).orElse(true);
  }
}

package io.swarmgate.filter;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  @Test
  void whatIsSharedKnowsNoContainer() {
    noClasses()
        .that()
        .resideInAPackage("io.swarmgate.filter.http..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "jakarta.servlet..",
            "org.eclipse.jetty..",
            "org.apache..",
            "io.swarmgate.filter.servlet..")
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.swarmgate.filter"));
  }

  @Test
  void theFilterKnowsNoOneContainer() {
    noClasses()
        .that()
        .resideInAPackage("io.swarmgate.filter.servlet..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.eclipse.jetty..", "org.apache..")
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.swarmgate.filter"));
  }
}

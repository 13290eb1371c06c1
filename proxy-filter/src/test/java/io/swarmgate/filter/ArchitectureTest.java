package io.swarmgate.filter;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.swarmgate.filter");

  @Test
  void noTwoPackagesNeedEachOther() {
    slices().matching("io.swarmgate.filter.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

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
        .check(CLASSES);
  }

  @Test
  void theFilterKnowsNoOneContainer() {
    noClasses()
        .that()
        .resideInAPackage("io.swarmgate.filter.servlet..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.eclipse.jetty..", "org.apache..")
        .check(CLASSES);
  }
}

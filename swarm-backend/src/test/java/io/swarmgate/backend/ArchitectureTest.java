package io.swarmgate.backend;

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
          .importPackages("io.swarmgate.backend");

  /** Beside the root: what containers see, which all may know, and the facade, which knows all. */
  @Test
  void noTwoPackagesNeedEachOther() {
    slices().matching("io.swarmgate.backend.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void onlyOnePackageKnowsBt() {
    noClasses()
        .that()
        .resideOutsideOfPackage("..swarm.bt..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("bt..")
        .check(CLASSES);
  }

  @Test
  void theBackendKnowsNoContainer() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("jakarta.servlet..", "org.eclipse.jetty..", "org.apache.catalina..")
        .check(CLASSES);
  }

  @Test
  void theEngineKnowsNoHttp() {
    noClasses()
        .that()
        .resideInAPackage("..swarm..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("..origin..", "..catalog..", "..site..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("..swarm..")
        .and()
        .haveNameNotMatching(".*\\.HttpTracker(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.net.http..")
        .check(CLASSES);
  }
}

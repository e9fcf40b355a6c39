package norma.datasets;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Packages of this module depend on each other in one direction. */
@Tag("unit")
@AnalyzeClasses(packages = "norma.datasets", importOptions = ImportOption.DoNotIncludeTests.class)
class DatasetsPackagesTest {
    /** Every package, the root too, which the pattern {@code norma.datasets.(*)..} does not see. */
    @ArchTest
    static final ArchRule packages_haveNoCycles = slices().assignedFrom(new SliceAssignment() {
                @Override
                public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
                    return SliceIdentifier.of(javaClass.getPackageName());
                }

                @Override
                public String getDescription() {
                    return "the packages of datasets";
                }
            })
            .should()
            .beFreeOfCycles();

    @ArchTest
    static void theRootPackage_holdsNoClass(JavaClasses classes) {
        assertThat(classes).hasSizeGreaterThan(50);
        List<String> inRoot = classes.stream()
                .filter(javaClass -> javaClass.getPackageName().equals("norma.datasets"))
                .map(JavaClass::getSimpleName)
                .filter(name -> !name.equals("package-info"))
                .toList();
        assertThat(inRoot).isEmpty();
    }
}

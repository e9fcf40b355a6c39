package norma.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import ai.djl.ndarray.NDArray;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.junit.jupiter.api.Tag;

/** Imports run one way: cli, probes, trainer, datasets. */
@Tag("unit")
@AnalyzeClasses(packages = "norma", importOptions = ImportOption.DoNotIncludeTests.class)
class ModuleDirectionTest {
    @ArchTest
    static final ArchRule modules_importOneWay = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("cli")
            .definedBy("norma.cli..")
            .optionalLayer("probes")
            .definedBy("norma.probes..")
            .layer("trainer")
            .definedBy("norma.trainer..")
            .layer("datasets")
            .definedBy("norma.datasets..")
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("probes")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("trainer")
            .mayOnlyBeAccessedByLayers("cli", "probes")
            .whereLayer("datasets")
            .mayOnlyBeAccessedByLayers("cli", "probes", "trainer")
            .ensureAllClassesAreContainedInArchitecture();

    /** A slice is one package, a root package too, which a pattern such as {@code norma.trainer.(*)..} does not see. */
    @ArchTest
    static final ArchRule packages_haveNoCycles = slices().assignedFrom(new SliceAssignment() {
                @Override
                public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
                    return SliceIdentifier.of(javaClass.getPackageName());
                }

                @Override
                public String getDescription() {
                    return "packages";
                }
            })
            .should()
            .beFreeOfCycles();

    @ArchTest
    static final ArchRule rootPackages_holdNoClass = noClasses()
            .that()
            .doNotHaveSimpleName("package-info")
            .should()
            .resideInAnyPackage("norma.datasets", "norma.trainer", "norma.probes");

    @ArchTest
    static final ArchRule djlsTransformer_isNotUsed_becauseItNormalisesOverTheBatch =
            noClasses().should().dependOnClassesThat().resideInAPackage("ai.djl.nn.transformer..");

    /**
     * A read elsewhere would make every training step wait for the device. What lies outside: the one class that may,
     * masks drawn in host memory, and what runs no training step.
     */
    @ArchTest
    static final ArchRule aTrainingStep_readsADeviceThroughOneClass = noClasses()
            .that()
            .resideInAPackage("norma.trainer..")
            .and()
            .resideOutsideOfPackages(
                    "norma.trainer.device",
                    "norma.trainer.dropout",
                    "norma.trainer.pretrained",
                    "norma.trainer.serving",
                    "norma.trainer.bench")
            .should()
            .callMethodWhere(new DescribedPredicate<>("NDArray gives its values to Java") {
                @Override
                public boolean test(JavaMethodCall call) {
                    return call.getTargetOwner().isAssignableTo(NDArray.class)
                            && call.getName()
                                    .matches("to(Float|Double|Long|Int|Byte|Boolean|Uint8)?Array|toByteBuffer|"
                                            + "get(Float|Double|Long|Int|Byte|Boolean|Uint8)|contentEquals|allClose");
                }
            });
}

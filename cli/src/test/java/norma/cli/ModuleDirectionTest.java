package norma.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import ai.djl.ndarray.NDArray;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
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

    @ArchTest
    static final ArchRule packagesOfDatasets_haveNoCycles =
            slices().matching("norma.datasets.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule packagesOfTrainer_haveNoCycles =
            slices().matching("norma.trainer.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule packagesOfProbes_haveNoCycles =
            slices().matching("norma.probes.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule djlsTransformer_isNotUsed_becauseItNormalisesOverTheBatch =
            noClasses().should().dependOnClassesThat().resideInAPackage("ai.djl.nn.transformer..");

    /** What a training step runs through; a read elsewhere in it would make every step wait for the device. */
    @ArchTest
    static final ArchRule aTrainingStep_readsADeviceThroughOneClass = noClasses()
            .that()
            .resideInAnyPackage(
                    "norma.trainer.model..",
                    "norma.trainer.blocks..",
                    "norma.trainer.bert..",
                    "norma.trainer.step..",
                    "norma.trainer.optimizer..")
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

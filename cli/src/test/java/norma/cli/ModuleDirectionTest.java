package norma.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import java.util.Set;
import norma.trainer.blocks.Operators;
import norma.trainer.device.DeviceReads;
import norma.trainer.device.Upload;
import norma.trainer.dropout.DropoutMasks;
import norma.trainer.optimizer.RotatedAdamW;
import norma.trainer.torchscript.TorchScript;
import org.junit.jupiter.api.Tag;

/** Imports run one way: cli, monitor or sweep, probes, trainer, datasets. */
@Tag("unit")
@AnalyzeClasses(packages = "norma", importOptions = ImportOption.DoNotIncludeTests.class)
class ModuleDirectionTest {
    @ArchTest
    static final ArchRule modules_importOneWay = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("cli")
            .definedBy("norma.cli..")
            .layer("monitor")
            .definedBy("norma.monitor..")
            .layer("sweep")
            .definedBy("norma.sweep..")
            .optionalLayer("probes")
            .definedBy("norma.probes..")
            .layer("trainer")
            .definedBy("norma.trainer..")
            .layer("datasets")
            .definedBy("norma.datasets..")
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("monitor")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("sweep")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("probes")
            .mayOnlyBeAccessedByLayers("cli", "monitor", "sweep")
            .whereLayer("trainer")
            .mayOnlyBeAccessedByLayers("cli", "monitor", "sweep", "probes")
            .whereLayer("datasets")
            .mayOnlyBeAccessedByLayers("cli", "monitor", "sweep", "probes", "trainer")
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
            .resideInAnyPackage("norma.datasets", "norma.trainer", "norma.probes", "norma.monitor", "norma.sweep");

    /** Whatever else is loaded where Spark is not on the class path. */
    @ArchTest
    static final ArchRule spark_isKnownToOnePackage = noClasses()
            .that()
            .resideOutsideOfPackage("norma.sweep.spark")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.spark..");

    @ArchTest
    static final ArchRule djlsTransformer_isNotUsed_becauseItNormalisesOverTheBatch =
            noClasses().should().dependOnClassesThat().resideInAPackage("ai.djl.nn.transformer..");

    /**
     * A read elsewhere would make a training step wait for the device, and on a GPU leave a copy in host memory as long
     * as the array's manager lives. Masks are drawn in host memory.
     */
    @ArchTest
    static final ArchRule aDevice_isReadThroughOneClass = noClasses()
            .that()
            .doNotBelongToAnyOf(DeviceReads.class, DropoutMasks.class)
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

    private static final Set<String> NOT_IN_A_STEP =
            Set.of("fromHost", "write", "restore", "initialize", "gradients", "additiveMask");

    /**
     * DJL brings a number or an array from Java memory to a GPU with a copy that waits for all that the GPU still has
     * to do. A step's way there is {@link Upload}; DJL's operators one by one ({@link Operators}, with their mask) are
     * the way of a CPU and of probes. A function's name is an array in host memory; AdamW in a rotated basis waits at
     * every step.
     */
    @ArchTest
    static final ArchRule aTrainingStep_uploadsThroughOneClass = noClasses()
            .that()
            .resideInAnyPackage(
                    "norma.trainer.step",
                    "norma.trainer.blocks",
                    "norma.trainer.optimizer",
                    "norma.trainer.device",
                    "norma.trainer.torchscript")
            .and()
            .doNotBelongToAnyOf(Upload.class, Operators.class, TorchScript.class, RotatedAdamW.class)
            .should()
            .callMethodWhere(new DescribedPredicate<>("Java gives an array values") {
                @Override
                public boolean test(JavaMethodCall call) {
                    List<JavaClass> parameters = call.getTarget().getRawParameterTypes();
                    boolean number = call.getTargetOwner().isAssignableTo(NDArray.class)
                            && parameters.stream().anyMatch(type -> type.isEquivalentTo(Number.class));
                    boolean values = call.getTargetOwner().isAssignableTo(NDManager.class)
                            && call.getName().equals("create")
                            && !parameters.get(0).isEquivalentTo(Shape.class);
                    return (number || values)
                            && !NOT_IN_A_STEP.contains(call.getOrigin().getName());
                }
            });
}

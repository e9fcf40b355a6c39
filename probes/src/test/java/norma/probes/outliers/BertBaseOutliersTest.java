package norma.probes.outliers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.Progress;
import norma.probes.dimensions.SiteChoice;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.pretrained.PretrainedModel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The published BERT-base-uncased, against what the paper says of it. */
@Tag("engine")
class BertBaseOutliersTest {
    @Test
    void onBertBaseUncased_thePapersRuleFinds308In8LayersAnd381In7() {
        Path root = Path.of(System.getProperty("norma.root", "."));
        String models = System.getProperty("norma.models");
        Path folder = (models == null ? root.resolve("models") : root.resolve(models)).resolve("bert-base-uncased");
        assumeTrue(Files.isDirectory(folder), "skipped: no " + folder + " (-Dnorma.models=FOLDER says where)");
        try (PretrainedModel bert = PretrainedModel.open(folder, Device.cpu())) {
            OutlierReport report =
                    OutlierReport.of(bert, OutlierRule.PAPER, SiteChoice.PAPER, List.of(), Progress.NONE);
            assertThat(report.of()).isEqualTo(12);
            assertThat(report.dimensions())
                    .extracting(
                            found -> List.of(found.dimension(), found.sites().size()))
                    .containsExactly(List.of(308, 8), List.of(381, 7));
            assertThat(report.hasActivations()).isFalse();
        }
    }
}

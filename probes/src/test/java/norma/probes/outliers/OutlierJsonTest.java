package norma.probes.outliers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.json.JsonFile;
import norma.probes.dimensions.AppliedRule;
import norma.probes.dimensions.RuleDescription;
import norma.probes.dimensions.SiteChoice;
import norma.probes.dimensions.StackChoice;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class OutlierJsonTest {
    private static final SnapshotLayout LAYOUT = new SnapshotLayout(TestSites.ofTwoStacks(2, 3, 20));

    @TempDir
    Path folder;

    /** Dimension 3 is far away in every layer; weight and bias of the others differ a little. */
    private static OutlierReport report() {
        float[] snapshot = new float[LAYOUT.length()];
        for (int site : LAYOUT.outputs()) {
            for (int d = 0; d < 20; d++) {
                snapshot[LAYOUT.weight(site) + d] = d == 3 ? 9 : 1 + d / 100f;
                snapshot[LAYOUT.bias(site) + d] = d == 3 ? -5 : d / 70f;
            }
        }
        SiteChoice choice = SiteChoice.PAPER.in(StackChoice.ALL);
        return new OutlierReport(
                RuleDescription.of(OutlierRule.PAPER, LAYOUT.sites(), choice),
                OutlierRule.PAPER.apply(snapshot, LAYOUT, choice::contains),
                StackOutliers.of(OutlierRule.PAPER, snapshot, LAYOUT, choice),
                SiteStatistics.of(snapshot, LAYOUT),
                WeightDefinitions.of(snapshot, LAYOUT, LAYOUT.outputs()),
                List.of(3),
                List.of(),
                0,
                new HiddenStates(List.of()));
    }

    private Path written() throws IOException {
        Path file = folder.resolve("outliers.json");
        JsonFile.write(
                file,
                OutlierJson.of(report()).put("command", "norma outliers a").put("step", 7));
        return file;
    }

    @Test
    void whatIsRead_isWhatWasWritten() throws IOException {
        OutlierReport report = report();
        OutlierFile read = OutlierJson.read(written());
        assertThat(read.command()).hasValue("norma outliers a");
        assertThat(read.model()).isEmpty();
        assertThat(read.step()).hasValue(7L);
        assertThat(read.rule()).isEqualTo(new AppliedRule(3, 0.5, Optional.of("and"), Optional.of("all")));
        assertThat(read.dimensions()).singleElement().satisfies(outlier -> {
            assertThat(outlier.dimension()).isEqualTo(3);
            assertThat(outlier.layers()).isEqualTo(5);
            assertThat(outlier.of()).isEqualTo(5);
            assertThat(outlier.weightZ()).isEqualTo(report.dimensions().get(0).weightZ());
            assertThat(outlier.biasZ()).isEqualTo(report.dimensions().get(0).biasZ());
        });
        assertThat(read.stacks()).extracting(OutlierFile.Stack::stack).containsExactly("encoder", "decoder");
        assertThat(read.stacks().get(1).dimensions().get(0).of()).isEqualTo(3);
        assertThat(read.sites()).isEqualTo(report.sites());
        assertThat(read.definitions()).hasSize(report.findings().size() + 1);
        for (int i = 0; i < report.findings().size(); i++) {
            Finding finding = report.findings().get(i);
            assertThat(read.definitions().get(i + 1))
                    .isEqualTo(new OutlierFile.Definition(
                            finding.name(),
                            finding.formula(),
                            Optional.of(finding.source()),
                            List.copyOf(finding.dimensions().keySet())));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"step\" : 7|\"step\" : -7|step: found -7, expected a whole number of at least 0",
                "\"rule\" : {|\"role\" : {|rule: found nothing, expected an object",
                "\"sigma\" : 3.0|\"sigma\" : \"3\"|rule.sigma: found \"3\", expected a number or null",
                "\"layers\" : 5|\"layers\" : 5.5|dimensions[0].layers: found 5.5, expected a whole number from 0 to 2147483647",
                "\"formula\"|\"formel\"|definitions.layernorm_rule.formula: found nothing, expected text",
                "\"site\"|\"side\"|sites[0].site: found nothing, expected text",
            })
    void aValueOfAnotherType_isNamedByFileAndKey(String was, String is, String finding) throws IOException {
        Path file = written();
        String whole = Files.readString(file);
        assertThat(whole).contains(was);
        Files.writeString(file, whole.replaceFirst(java.util.regex.Pattern.quote(was), is));
        assertThatThrownBy(() -> OutlierJson.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(file + ": " + finding);
    }
}

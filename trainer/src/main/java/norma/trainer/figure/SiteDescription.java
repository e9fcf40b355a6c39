package norma.trainer.figure;

import java.util.Locale;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;

/** What a recorded site is, in the words of a figure: not every layer ends in a LayerNorm. */
final class SiteDescription {
    private final SnapshotLayout layout;
    private final LayerNormSite site;

    SiteDescription(SnapshotLayout layout, int site) {
        this.layout = layout;
        this.site = layout.site(site);
    }

    /** Such as {@code layer.1.output: the LayerNorm that ends layer 1, the middle one of layers 0 to 2}. */
    String sentence() {
        return site.name() + ": the " + operation() + " that ends " + place() + "; a line for each of its "
                + site.width() + " dimensions";
    }

    /** Which of the layers, which only an odd number of them have one in the middle of. */
    private String place() {
        int layers = SiteTrajectory.outputs(layout).length;
        String stack =
                SiteTrajectory.severalStacks(layout) ? site.stack().name().toLowerCase(Locale.ROOT) + " " : "";
        String layer = stack + "layer " + site.layer();
        if (layers == 1) {
            return layer + ", the only one";
        }
        return layer + ", " + (layers % 2 == 1 ? "the middle one" : "one") + " of layers 0 to " + (layers - 1);
    }

    /** What a vector of the site holds, as a heading. */
    String heading(Part part) {
        if (part == Part.BIAS) {
            return isNorm() ? operation() + " biases" : "Biases of the matrix";
        }
        return isNorm() ? operation() + " weights" : axisOfMatrix("Column norms", "Row norms") + " of the matrix";
    }

    /** What one value of it is, as the label of an axis. */
    String axis(Part part) {
        if (part == Part.BIAS) {
            return "bias";
        }
        return isNorm() ? "weight" : axisOfMatrix("column norm", "row norm");
    }

    private String operation() {
        if (!isNorm()) {
            return "matrix";
        }
        return site.bias() == null ? "RMSNorm" : "LayerNorm";
    }

    /** By the parameter's name: a recording does not keep the shape of what it records the norms of. */
    private boolean isNorm() {
        String parameter = (site.weight() == null ? site.bias() : site.weight())
                .parameter()
                .toLowerCase(Locale.ROOT);
        return parameter.contains("norm") || parameter.contains(".ln_");
    }

    private String axisOfMatrix(String columns, String rows) {
        return site.weight() != null && site.weight().axis() == 0 ? rows : columns;
    }
}

package norma.trainer.finetuning;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.layernorm.VectorStatistics;
import norma.trainer.run.MetricsLog;

/**
 * A fine-tuned model's LayerNorms beside those of the pre-trained model that it comes from.
 *
 * @param parent outlier dimensions of the pre-trained model by the paper's rule
 * @param child those of the fine-tuned model
 * @param sites what moved, in the order of the forward pass
 */
public record AgainstParent(List<OutlierDimension> parent, List<OutlierDimension> child, List<SiteMovement> sites) {
    /** Copies. */
    public AgainstParent {
        parent = List.copyOf(parent);
        child = List.copyOf(child);
        sites = List.copyOf(sites);
    }

    /**
     * How far the parameters of a site moved.
     *
     * @param weight null where the site has none
     * @param bias null where the site has none
     */
    public record SiteMovement(String site, Movement weight, Movement bias) {}

    /**
     * How far a vector moved.
     *
     * @param dimension the one that moved most
     * @param before its value in the parent
     * @param after its value in the child
     * @param deviations its movement in population standard deviations of the parent's vector; NaN where that is
     *     constant
     * @param meanAbsolute mean of |after - before| over the dimensions
     */
    public record Movement(int dimension, double before, double after, double deviations, double meanAbsolute) {
        /** after - before. */
        public double change() {
            return after - before;
        }

        private static Movement of(float[] parent, int inParent, float[] child, int inChild, int width) {
            int most = 0;
            double[] moved = new double[width];
            double sum = 0;
            for (int d = 0; d < width; d++) {
                moved[d] = Math.abs((double) child[inChild + d] - parent[inParent + d]);
                sum += moved[d];
                most = moved[d] > moved[most] ? d : most;
            }
            double deviation = VectorStatistics.standardDeviation(parent, inParent, width);
            double before = parent[inParent + most];
            double after = child[inChild + most];
            double deviations = deviation == 0 ? Double.NaN : (after - before) / deviation;
            return new Movement(most, before, after, deviations, sum / width);
        }

        private void putInto(ObjectNode json) {
            json.put("dimension", dimension);
            MetricsLog.put(json, "before", before);
            MetricsLog.put(json, "after", after);
            MetricsLog.put(json, "change", change());
            MetricsLog.put(json, "change_in_deviations", deviations);
            MetricsLog.put(json, "mean_absolute_change", meanAbsolute);
        }
    }

    /**
     * Compares two models, at the child's sites.
     *
     * @param parent a snapshot
     * @param parentLayout its sites, the child's among them
     * @param child a snapshot
     * @param childLayout its sites
     */
    static AgainstParent of(float[] parent, SnapshotLayout parentLayout, float[] child, SnapshotLayout childLayout) {
        List<SiteMovement> movements = new ArrayList<>();
        for (int site = 0; site < childLayout.size(); site++) {
            int inParent = parentLayout.indexOf(childLayout.site(site).name());
            movements.add(new SiteMovement(
                    childLayout.site(site).name(),
                    movement(Part.WEIGHT, parent, parentLayout, inParent, child, childLayout, site),
                    movement(Part.BIAS, parent, parentLayout, inParent, child, childLayout, site)));
        }
        return new AgainstParent(
                OutlierRule.PAPER.apply(parent, parentLayout), OutlierRule.PAPER.apply(child, childLayout), movements);
    }

    private static Movement movement(
            Part part,
            float[] parent,
            SnapshotLayout parentLayout,
            int inParent,
            float[] child,
            SnapshotLayout childLayout,
            int inChild) {
        return childLayout.has(inChild, part)
                ? Movement.of(
                        parent,
                        parentLayout.offset(inParent, part),
                        child,
                        childLayout.offset(inChild, part),
                        childLayout.width(inChild))
                : null;
    }

    /** The dimensions that are outliers in both. */
    public List<Integer> kept() {
        Set<Integer> inChild = dimensions(child);
        return dimensions(parent).stream().filter(inChild::contains).sorted().toList();
    }

    private static Set<Integer> dimensions(List<OutlierDimension> outliers) {
        return outliers.stream().map(OutlierDimension::dimension).collect(Collectors.toSet());
    }

    /** As against-parent.json has it. */
    ObjectNode json() {
        ObjectNode json = new ObjectMapper().createObjectNode();
        ObjectNode outliers = json.putObject("outlier_dimensions");
        put(outliers.putArray("parent"), parent);
        put(outliers.putArray("fine_tuned"), child);
        ArrayNode both = outliers.putArray("kept");
        kept().forEach(both::add);
        ObjectNode bySite = json.putObject("sites");
        for (SiteMovement site : sites) {
            ObjectNode entry = bySite.putObject(site.site());
            put(entry, "weight", site.weight());
            put(entry, "bias", site.bias());
        }
        return json;
    }

    private static void put(ObjectNode json, String part, Movement movement) {
        if (movement == null) {
            json.putNull(part);
        } else {
            movement.putInto(json.putObject(part));
        }
    }

    private static void put(ArrayNode array, List<OutlierDimension> outliers) {
        for (OutlierDimension outlier : outliers) {
            ObjectNode json = array.addObject();
            json.put("dimension", outlier.dimension());
            json.put("weight_z", outlier.weightZ());
            json.put("bias_z", outlier.biasZ());
            ArrayNode sites = json.putArray("sites");
            outlier.sites().forEach(sites::add);
        }
    }
}

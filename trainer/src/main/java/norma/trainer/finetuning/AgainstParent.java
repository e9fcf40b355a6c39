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
import norma.trainer.layernorm.VectorStatistics;
import norma.trainer.model.LayerNormSite;
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

    /** How far the parameters of a site moved. */
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

        private static Movement of(float[] parent, float[] child, int offset, int hidden) {
            int farthest = 0;
            double sum = 0;
            for (int d = 0; d < hidden; d++) {
                double moved = distance(parent, child, offset + d);
                sum += moved;
                farthest = moved > distance(parent, child, offset + farthest) ? d : farthest;
            }
            double deviation = VectorStatistics.standardDeviation(parent, offset, hidden);
            double before = parent[offset + farthest];
            double after = child[offset + farthest];
            double deviations = deviation == 0 ? Double.NaN : (after - before) / deviation;
            return new Movement(farthest, before, after, deviations, sum / hidden);
        }

        private static double distance(float[] parent, float[] child, int at) {
            return Math.abs((double) child[at] - parent[at]);
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
     * Compares two models.
     *
     * @param parent (sites, 2, H) or more sites, those given first
     * @param child (sites, 2, H)
     */
    static AgainstParent of(float[] parent, float[] child, List<LayerNormSite> sites, int hidden) {
        float[] common = java.util.Arrays.copyOf(parent, sites.size() * 2 * hidden);
        List<SiteMovement> movements = new ArrayList<>();
        for (int i = 0; i < sites.size(); i++) {
            movements.add(new SiteMovement(
                    sites.get(i).name(),
                    Movement.of(common, child, 2 * i * hidden, hidden),
                    Movement.of(common, child, (2 * i + 1) * hidden, hidden)));
        }
        return new AgainstParent(
                OutlierRule.PAPER.apply(common, sites, hidden),
                OutlierRule.PAPER.apply(child, sites, hidden),
                movements);
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
            site.weight().putInto(entry.putObject("weight"));
            site.bias().putInto(entry.putObject("bias"));
        }
        return json;
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

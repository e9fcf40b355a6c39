package norma.probes.emergence;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SnapshotLayout;

/**
 * The vectors of one part and one width in many rows (rows, sites): their numbers, row after row.
 *
 * @param width length of each
 * @param perRow how many a row has
 * @param numbers of all of them
 */
@SuppressWarnings("ArrayRecordComponent") // read only
record VectorsOfWidth(int width, int perRow, int[] numbers) {
    /** All vectors of a part, those that sites have, by their width. */
    static List<VectorsOfWidth> of(SnapshotLayout layout, Part part, int rows) {
        TreeSet<Integer> widths = new TreeSet<>();
        layout.sites().forEach(site -> widths.add(site.width()));
        List<VectorsOfWidth> all = new ArrayList<>();
        for (int width : widths) {
            int[] sites = layout.indices(site -> site.width() == width && part.of(site) != null);
            int[] numbers = new int[rows * sites.length];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = i / sites.length * layout.size() + sites[i % sites.length];
            }
            all.add(new VectorsOfWidth(width, sites.length, numbers));
        }
        return all;
    }
}

package norma.probes.emergence;

import java.io.IOException;

/**
 * Weight or bias of all sites over the steps: which values are beyond the threshold, and since when. Decides exactly as
 * {@link norma.trainer.layernorm.OutlierRule} with {@link norma.trainer.layernorm.VectorStatistics} does.
 */
final class VectorPass {
    private static final double NEARLY = 1 - 1e-9; // a bound that is cheap to compare with, never above the exact one

    private final RowReader reader;
    private final int sites;
    private final int hidden;
    private final double sigma;
    private final float[] row;
    private final Spell[] spells;
    private final double[] lastZ;

    /** Copies one row of (sites, H). */
    @FunctionalInterface
    interface RowReader {
        void read(long row, float[] target) throws IOException;
    }

    VectorPass(RowReader reader, int sites, int hidden, double sigma) {
        this.reader = reader;
        this.sites = sites;
        this.hidden = hidden;
        this.sigma = sigma;
        row = new float[sites * hidden];
        spells = new Spell[sites * hidden];
        lastZ = new double[sites * hidden];
        for (int i = 0; i < spells.length; i++) {
            spells[i] = new Spell();
        }
    }

    /**
     * Reads the next row.
     *
     * @param number of the row
     * @param last whether it is the recording's last, whose z are kept
     * @param beyond receives (sites, H)
     * @return whether the row has a number in it: one of nothing but NaN was not recorded
     */
    boolean next(long number, boolean last, boolean[] beyond) throws IOException {
        reader.read(number, row);
        boolean recorded = false;
        for (int site = 0; site < sites; site++) {
            int from = site * hidden;
            double sum = 0;
            for (int i = from; i < from + hidden; i++) {
                sum += row[i];
                recorded |= !Float.isNaN(row[i]);
            }
            double mean = sum / hidden;
            double squares = 0;
            for (int i = from; i < from + hidden; i++) {
                double distance = row[i] - mean;
                squares += distance * distance;
            }
            compare(from, mean, Math.sqrt(squares / hidden), last, beyond);
        }
        return recorded;
    }

    private void compare(int from, double mean, double deviation, boolean last, boolean[] beyond) {
        double bound = sigma * deviation * NEARLY;
        for (int i = from; i < from + hidden; i++) {
            double distance = row[i] - mean;
            boolean is = false;
            if (Math.abs(distance) >= bound || last) {
                double z = deviation == 0 ? 0 : distance / deviation;
                is = Math.abs(z) > sigma;
                if (last) {
                    lastZ[i] = z;
                }
            }
            beyond[i] = is;
        }
    }

    /** Takes the row into the spells, once it is known to be recorded. */
    void keep(long step, boolean[] beyond) {
        for (int i = 0; i < beyond.length; i++) {
            if (beyond[i] != spells[i].holds()) {
                spells[i].add(step, beyond[i]);
            }
        }
    }

    Spell spell(int site, int dimension) {
        return spells[site * hidden + dimension];
    }

    /** z at the last row. */
    double lastZ(int site, int dimension) {
        return lastZ[site * hidden + dimension];
    }
}

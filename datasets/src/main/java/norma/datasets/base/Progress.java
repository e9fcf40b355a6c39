package norma.datasets.base;

/** Told how far long work has come. Calls come from one thread at a time and may be many: a display thins them out. */
@PublicApi
@FunctionalInterface
public interface Progress {
    /** Listens to nothing. */
    Progress NONE = (stage, done, total, unit) -> {};

    /**
     * Work has moved on.
     *
     * @param stage what is being done, such as {@code tokenizing}
     * @param done how much is done
     * @param total how much there is; -1 when unknown
     * @param unit of both, such as {@code documents}
     */
    void update(String stage, long done, long total, String unit);
}

package norma.probes.emergence;

/**
 * How something came to lie beyond the threshold. Steps are −1 where there is none.
 *
 * @param firstStep the first recorded step at which it did
 * @param lastingStep the first recorded step from which it did until the end of the recording; brief crossings do not
 *     count
 * @param crossings how often it went beyond or came back from one recorded step to the next
 */
public record Passage(long firstStep, long lastingStep, int crossings) {
    /** Whether it ever lay beyond. */
    public boolean ever() {
        return firstStep >= 0;
    }

    /** Whether it lies beyond at the end of the recording. */
    public boolean lasts() {
        return lastingStep >= 0;
    }
}

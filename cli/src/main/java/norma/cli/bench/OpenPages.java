package norma.cli.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The same page in several browsers, each without a window and with a profile of its own: all of them are shown. */
final class OpenPages implements AutoCloseable {
    private final List<OpenPage> pages = new ArrayList<>();

    private OpenPages() {}

    /** Opens them. */
    static OpenPages open(Path browser, String address, int count) throws IOException {
        OpenPages opened = new OpenPages();
        try {
            for (int i = 0; i < count; i++) {
                opened.pages.add(OpenPage.open(browser, address));
            }
        } catch (IOException e) {
            opened.close();
            throw e;
        }
        return opened;
    }

    /** Processor time that the browsers have taken. */
    double processorSeconds() {
        return pages.stream().mapToDouble(OpenPage::processorSeconds).sum();
    }

    /** Whether all of them are still there. */
    boolean areOpen() {
        return pages.stream().allMatch(OpenPage::isOpen);
    }

    /** Lets them stand still, or go on. */
    void signal(ChildCommand.Signal signal) throws IOException, InterruptedException {
        for (OpenPage page : pages) {
            page.signal(signal);
        }
    }

    @Override
    public void close() throws IOException {
        for (OpenPage page : pages) {
            page.close();
        }
    }
}

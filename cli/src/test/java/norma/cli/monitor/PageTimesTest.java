package norma.cli.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** How long a page takes that {@code norma monitor} serves, which {@code bench/page} asks for. */
class PageTimesTest extends BrowserTests {
    private static final int OPENED = 5;
    private static final int MOVES = 40;
    private static final String FIRST_PAINT =
            "() => performance.getEntriesByName('first-contentful-paint')[0].startTime";
    /** Several charts have something to show: of a run the heat map among them, of a sweep the dots. */
    private static final String COMPLETE = """
            async () => {
              const curves = () => document.querySelectorAll('.chart canvas').length;
              const run = () => document.querySelector('output.step')?.textContent.startsWith('step') && curves() >= 4;
              const sweep = () => document.querySelector('svg.dots') && curves() >= 2;
              while (!run() && !sweep()) await new Promise(done => setTimeout(done, 2));
              return performance.now();
            }""";

    private static final String SLIDER = """
            async moves => {
              const slider = document.querySelector('input[aria-label=Step]');
              const shown = document.querySelector('output.step');
              const [first, last, every] = [Number(slider.min), Number(slider.max), Number(slider.step)];
              const times = [];
              for (let move = 0; move < moves; move++) {
                // Back and forth, so that no move is near the one before.
                const share = (move * 0.618) % 1;
                const step = first + Math.round(share * (last - first) / every) * every;
                const begun = performance.now();
                slider.value = step;
                slider.dispatchEvent(new Event('input'));
                while (Number(shown.textContent.replace(/\\D/g, '')) !== step) await new Promise(done => setTimeout(done, 1));
                await new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)));
                times.push(performance.now() - begun);
              }
              return times;
            }""";

    @Test
    void times() {
        String address = System.getProperty("norma.page", "");
        assumeTrue(!address.isEmpty(), "skipped: bench/page asks for it with an address");
        List<Double> paints = new ArrayList<>();
        List<Double> complete = new ArrayList<>();
        for (int i = 0; i < OPENED; i++) {
            Page page = open(address);
            complete.add(complete(page));
            paints.add(((Number) page.evaluate(FIRST_PAINT)).doubleValue());
            page.context().close();
        }
        Page page = open(
                this,
                address,
                window(Integer.getInteger("norma.page.width"), Integer.getInteger("norma.page.height"))
                        .setColorScheme(ColorScheme.valueOf(
                                System.getProperty("norma.page.scheme").toUpperCase(Locale.ROOT))));
        complete(page);
        String picture = System.getProperty("norma.page.picture", "");
        if (!picture.isEmpty()) {
            page.waitForTimeout(1000);
            page.screenshot(new Page.ScreenshotOptions().setPath(Path.of(picture)));
        }
        System.out.println(line("first paint", paints));
        System.out.println(line("last chart", complete));
        if (page.locator("input[aria-label=Step]").count() > 0) {
            List<Double> moves = ((List<?>) page.evaluate(SLIDER, MOVES))
                    .stream().map(time -> ((Number) time).doubleValue()).toList();
            assertThat(moves).hasSize(MOVES);
            System.out.println(line("slider move", moves));
        }
    }

    private static double complete(Page page) {
        return ((Number) page.evaluate(COMPLETE)).doubleValue();
    }

    private static String line(String what, List<Double> times) {
        List<Double> sorted = times.stream().sorted().toList();
        return String.format(
                Locale.ROOT,
                "%-12s median %5.0f ms, slowest %5.0f ms, of %d",
                what,
                sorted.get(sorted.size() / 2),
                sorted.get(sorted.size() - 1),
                sorted.size());
    }
}

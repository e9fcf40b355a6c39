package norma.cli.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import norma.monitor.runs.RunsFolder;
import norma.monitor.server.MonitorServer;
import norma.monitor.server.MonitorSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** Tests that drive Chromium: Debian's, or that of {@code -Dnorma.chromium=EXECUTABLE}; skipped where there is none. */
@Tag("run")
abstract class BrowserTests {
    private static final double PATIENCE = 20_000;

    /** What the pages are of, once it is {@linkplain #serve started}. */
    static MonitorServer server;

    private static Playwright playwright;
    private static Browser browser;

    private final List<BrowserContext> contexts = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();

    @BeforeAll
    static void startBrowser() {
        Path chromium = Path.of(System.getProperty("norma.chromium", "/usr/bin/chromium"));
        assumeTrue(
                Files.isExecutable(chromium),
                "skipped: no Chromium at " + chromium + " (apt-get install chromium, or -Dnorma.chromium=EXECUTABLE)");
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(chromium)
                        .setArgs(List.of("--no-sandbox", "--disable-gpu")));
    }

    /** Serves the runs in a folder; with a command for an empty panel of fine-tunings. */
    static void serve(Path runs, int port) {
        server = MonitorServer.start(new MonitorSettings(
                RunsFolder.open(runs),
                "127.0.0.1",
                port,
                Optional.empty(),
                run -> Map.of(
                        "finetune",
                        "./norma finetune " + run.getFileName(),
                        "ablate",
                        "./norma ablate " + run.getFileName() + " --checkpoints all")));
    }

    /** The address of a view of them. */
    static String address(String view) {
        return "http://127.0.0.1:" + server.port() + "/" + view;
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
            server = null;
        }
        if (playwright != null) {
            playwright.close();
        }
    }

    /** A page that has complained of something, such as a script that the server's policy forbids, has failed. */
    @AfterEach
    void closePages() {
        contexts.forEach(BrowserContext::close);
        assertThat(complaints).as("errors in the browser's console").isEmpty();
    }

    static Page open(BrowserTests test, String address, Browser.NewContextOptions options) {
        BrowserContext context = browser.newContext(options.setAcceptDownloads(true));
        context.setDefaultTimeout(PATIENCE);
        test.contexts.add(context);
        Page page = context.newPage();
        page.onPageError(test.complaints::add);
        page.onConsoleMessage(message -> {
            // The browser itself writes a line for every request that is not answered; the page says so to its reader.
            if (message.type().equals("error") && !message.text().contains("net::ERR_")) {
                test.complaints.add(message.text());
            }
        });
        page.onDialog(dialog -> {
            test.complaints.add("a dialog opened: " + dialog.message());
            dialog.dismiss();
        });
        page.navigate(address);
        return page;
    }

    Page open(String address) {
        return open(this, address, window(1280, 900));
    }

    static Browser.NewContextOptions window(int width, int height) {
        return new Browser.NewContextOptions().setViewportSize(width, height).setColorScheme(ColorScheme.LIGHT);
    }

    /** Waits for what the page does by itself. */
    static void await(Page page, String what, BooleanSupplier there) {
        for (int i = 0; i < PATIENCE / 50; i++) {
            if (there.getAsBoolean()) {
                return;
            }
            page.waitForTimeout(50);
        }
        assertThat(there.getAsBoolean()).as(what).isTrue();
    }

    /** A panel by its title. */
    static Locator panel(Page page, String title) {
        return page.locator("section.panel")
                .filter(new Locator.FilterOptions()
                        .setHas(page.getByRole(
                                AriaRole.HEADING,
                                new Page.GetByRoleOptions().setName(title).setExact(true))));
    }

    /** What a panel's export menu saves. */
    static byte[] export(Page page, String title, String format) {
        Locator panel = panel(page, title);
        Download download = page.waitForDownload(() -> {
            panel.locator("summary").first().click();
            panel.locator(".menu button", new Locator.LocatorOptions().setHasText(format))
                    .click();
        });
        try {
            return Files.readAllBytes(download.path());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

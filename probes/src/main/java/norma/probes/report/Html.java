package norma.probes.report;

import java.util.ArrayList;
import java.util.List;

/** Text of a page that is HTML and well-formed XML at once. */
final class Html {
    private final StringBuilder text = new StringBuilder();
    private final List<String> headings = new ArrayList<>();

    /** Characters with a meaning in markup replaced, and those that XML cannot hold. */
    static String escape(String plain) {
        StringBuilder safe = new StringBuilder();
        plain.codePoints().forEach(c -> {
            switch (c) {
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '&' -> safe.append("&amp;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.appendCodePoint(allowed(c) ? c : 0xfffd);
            }
        });
        return safe.toString();
    }

    private static boolean allowed(int c) {
        boolean control = c < 0x20 && c != '\n' && c != '\t';
        boolean surrogate = c >= 0xd800 && c <= 0xdfff;
        return !control && !surrogate && c != 0xfffe && c != 0xffff;
    }

    /** Markup as it is. */
    Html raw(String markup) {
        text.append(markup).append('\n');
        return this;
    }

    /** A heading that the list of contents names. */
    Html heading(String words) {
        headings.add(words);
        return raw("<h2 id=\"part-" + headings.size() + "\">" + escape(words) + "</h2>");
    }

    Html subheading(String words) {
        return raw("<h3>" + escape(words) + "</h3>");
    }

    /** The headings so far, as links to them. */
    String contents() {
        StringBuilder list = new StringBuilder("<nav aria-label=\"Contents\"><ol>\n");
        for (int i = 0; i < headings.size(); i++) {
            list.append("<li><a href=\"#part-")
                    .append(i + 1)
                    .append("\">")
                    .append(escape(headings.get(i)))
                    .append("</a></li>\n");
        }
        return list.append("</ol></nav>\n").toString();
    }

    /** A part that is folded until it is opened. */
    Html folded(String summary, Html content) {
        return raw("<details><summary>" + escape(summary) + "</summary>\n" + content + "</details>");
    }

    Html paragraph(String words) {
        return raw("<p>" + escape(words) + "</p>");
    }

    /** A sentence with a command to run after it. */
    Html missing(String words, String command) {
        return raw("<p class=\"missing\">" + escape(words) + " <code>" + escape(command) + "</code></p>");
    }

    Html preformatted(String words) {
        return raw("<pre>" + escape(words.stripTrailing()) + "</pre>");
    }

    Html source(String command, String data) {
        return raw("<p class=\"source\">Command: <code>" + escape(command) + "</code><br/>Data: <code>" + escape(data)
                + "</code></p>");
    }

    Html table(String caption, List<String> heads, List<List<String>> rows) {
        text.append("<div class=\"wide\"><table><caption>")
                .append(escape(caption))
                .append("</caption><thead><tr>");
        heads.forEach(
                head -> text.append("<th scope=\"col\">").append(escape(head)).append("</th>"));
        text.append("</tr></thead><tbody>\n");
        for (List<String> row : rows) {
            text.append("<tr>");
            row.forEach(cell -> text.append("<td>").append(escape(cell)).append("</td>"));
            text.append("</tr>\n");
        }
        return raw("</tbody></table></div>");
    }

    /** A table, or a sentence where it would be empty. */
    Html tableOrNone(String caption, List<String> heads, List<List<String>> rows) {
        return rows.isEmpty() ? paragraph(caption + ": none.") : table(caption, heads, rows);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}

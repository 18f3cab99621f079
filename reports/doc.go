// Package reports turns stored results into what people read: leaderboards as
// text, CSV, JSON, Markdown and LaTeX, figures as SVG, PNG and PDF, and one PDF
// report and one HTML page of everything.
//
// Start with [Board] for a leaderboard in one of the [Formats], with [Comparison]
// and [Across] for models set against each other, and with [PDF] or [HTML] for the
// report, which begins with the findings of a study if it is handed some as
// [Section]; package figure has the figures alone, package pictures what the
// experiments of a study say and show, package say what boards, comparisons and
// gates say, package words how numbers and names stand in sentences, and
// [Definitions] explains metrics as text.
//
// Nothing here computes a metric or opens a prediction: boards and curves come
// ready from the harness. What a metric is called, which way it
// improves and what it means is read from its row in the metrics table, so a
// new metric needs no change here.
//
// Numbers for people have one scale per column, chosen so that every value
// shows at least three significant digits, and the scale stands in the header;
// an undefined value is an en dash. Numbers for machines (CSV, JSON) are plain
// and of full precision; an undefined value is an empty cell or null, never 0.
//
// The same input gives the same bytes: there is no clock and no map order.
//
// The page's template, style and script are in the folder html, the table
// library beside them in html/tabulator. The script reads what it shows off the
// plain table of the page, so a new column needs no change there.
//
// Imports: harness and the packages below it, metrics, datasets (for the metadata
// type) and the packages below this one. Nothing but cmd may import reports.
package reports

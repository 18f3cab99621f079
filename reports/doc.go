// Package reports turns stored results into what people read: leaderboards as
// text, CSV, JSON, Markdown and LaTeX, figures as SVG, PNG and PDF, and a PDF
// report and an HTML page with everything.
//
// Begin with [Board] for a leaderboard in one of the [Formats], with [Comparison]
// and [Across] for models compared with each other, and with [PDF] or [HTML] for
// the report. The report begins with the findings of a study if it is given some
// as [Section]. [Definitions] explains metrics as text. Package figure draws
// figures, package pictures has the sentences and figures of the experiments of a
// study, package say the sentences of boards, comparisons and gates, and package
// words the numbers and names in sentences.
//
// Nothing here computes a metric or opens a prediction: boards and curves come
// ready from the harness. The name of a metric, the direction in which it
// improves and its meaning are read from its row in the metrics table, so a new
// metric needs no change here.
//
// Numbers for people have one scale per column, chosen so that every value shows
// at least three significant digits; the scale is in the header. An undefined
// value is an en dash. Numbers for machines (CSV, JSON) have full precision; an
// undefined value is an empty cell or null, never 0.
//
// The same input gives the same bytes: nothing depends on a clock or on the order
// of a map.
//
// The page's template, style and script are in the folder html, the table library
// in html/tabulator. The script reads its data from the plain table of the page,
// so a new column needs no change there.
//
// The package may import harness and the packages below it, metrics, datasets
// (for the metadata type) and the packages below reports. Only cmd may import
// reports.
package reports

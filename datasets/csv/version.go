package csv

// Version is raised when the package reads other values from the same bytes than
// before, so that what was kept of tables is computed anew. Since 2, bytes that are not
// UTF-8 are written out, the index of pandas is no attribute, and lists are vectors.
// Since 3, commas within what blanks separate in a list are refused, and comments stand
// between rows, too. Since 4, a file whose last line has no end is refused.
const Version = 4

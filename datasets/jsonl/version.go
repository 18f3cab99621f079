package jsonl

// Version is raised when the package reads other values from the same bytes than
// before, so that what was kept of tables is computed anew.
const Version = 1

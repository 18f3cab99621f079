package resample

// Version is raised whenever an interval of the same samples would change, so that
// stored ones of an earlier method are computed anew.
const Version = 3

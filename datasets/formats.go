package datasets

import "slices"

// Format is a way to write tables that Open reads.
type Format struct {
	Name    string
	Endings []string // of the files of a folder that are looked at as tables
}

// Formats lists all there are.
func Formats() []Format {
	var all []Format
	for _, x := range formats {
		all = append(all, Format{x.name, slices.Clone(x.endings)})
	}
	return all
}

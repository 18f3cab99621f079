package datasets

import "encoding/json"

// Copier is a Reader for those who write a table down elsewhere. The readers of OpenTable
// implement it.
type Copier interface {
	HalfKeeper
	// KeepStored asks for class vectors as they are stored: probabilities that do not
	// add to 1 are checked as ever, but not divided by their sum. It is called before
	// Batches.
	KeepStored()
	// ClassList is a JSON list of the names of the classes in order; "" if they are not
	// known.
	ClassList() string
}

// KeepStored asks for class vectors as they are stored.
func (r *tableReader) KeepStored() { r.stored = true }

// ClassList is a JSON list of the names of the classes in order.
func (r *tableReader) ClassList() string {
	names := r.classNames()
	if r.codes != nil {
		names = make([]string, len(r.codes))
		for name, code := range r.codes {
			names[code] = name
		}
	}
	if len(names) == 0 {
		return ""
	}
	list, err := json.Marshal(names)
	if err != nil {
		return ""
	}
	return string(list)
}

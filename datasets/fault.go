package datasets

// faulter is a source that hands out values in a file's own memory.
type faulter interface {
	// Fault returns the error behind a recovered panic if that came from reading
	// those values, and nil for any other.
	Fault(recovered any) error
}

// Fault returns the error behind a panic that ranging over Batches ended with
// because the table's file was cut short, or its device failed, while the loop's
// body was reading a batch; nil for every other panic. Whoever reads many tables
// calls it so that one such file is one failed table:
//
//	defer func() {
//		if p := recover(); p != nil {
//			if err = datasets.Fault(p); err == nil {
//				panic(p)
//			}
//		}
//	}()
//
// It has to be done outside of the loop: an iterator may not end a panic of the
// body it runs. The result is an *Error.
func Fault(recovered any) error {
	if e, ok := recovered.(*Error); ok {
		return e
	}
	return nil
}

// fault is the table's error behind a recovered panic; nil if there is none.
func (r *tableReader) fault(recovered any) *Error {
	f, ok := r.source.(faulter)
	if !ok {
		return nil
	}
	err := f.Fault(recovered)
	if err == nil {
		return nil
	}
	return &Error{Table: r.table.Name, Row: -1, Err: err, Hint: "write tables under another name and rename them when they are complete"}
}

// translate gives a panic of the loop's body that comes from the table's file its
// error for a value, which Fault recognises; other panics go on as they are.
func (r *tableReader) translate() {
	p := recover()
	if p == nil {
		return
	}
	if e := r.fault(p); e != nil {
		panic(e)
	}
	panic(p)
}

// contain makes an error of a fault of the file while a batch is put together.
func (r *tableReader) contain(err *error) {
	p := recover()
	if p == nil {
		return
	}
	e := r.fault(p)
	if e == nil {
		panic(p)
	}
	*err = e
}

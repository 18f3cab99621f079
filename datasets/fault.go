package datasets

// faulter is a source that hands out values in memory that is a mapped file.
type faulter interface {
	// Fault returns the error behind a recovered panic if reading such values
	// caused it, and nil for any other panic.
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

// fault returns the table's error behind a recovered panic; nil if the panic has
// another cause.
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

// translate handles a panic of the loop's body. If the table's file caused it,
// the panic goes on with the table's error as its value, which Fault recognises;
// other panics go on unchanged.
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

// contain turns a fault of the file, while a batch is put together, into an
// error.
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

package lmeval

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/datasets/column"
	"abstain/datasets/jsonl"
	"abstain/datasets/text"
)

// record is one line: a document, what was asked of it, and what came back.
type record struct {
	object   []byte
	id       int64
	hasID    bool
	filter   string
	target   []byte // as it is written
	requests []request
	likely   []float64 // log-likelihood of each request
	acc      float64   // NaN if there is none
	accNorm  float64
	mutual   bool // the metrics include acc_mutual_info
	written  bool // the requests were texts to be written, not choices
}

// request is one choice in its context.
type request struct{ context, choice string }

// fault is an error in a field of the record.
type fault struct {
	field, hint string
	error
}

func faultf(field, hint, format string, args ...any) error {
	return fault{field, hint, fmt.Errorf(format, args...)}
}

// errGenerated is returned for tasks in which the model wrote its answers.
var errGenerated = fault{"filtered_resps",
	"only multiple-choice tasks have a log-likelihood for each choice; a table of label, prediction and confidence can be " +
		"made from others",
	errors.New("holds generated text without log-likelihoods, so there is no confidence to rank the answers by")}

// read reads the record's object.
func (r *record) read(object []byte) error {
	*r = record{object: object, requests: r.requests[:0], likely: r.likely[:0], acc: math.NaN(), accNorm: math.NaN()}
	var first, filtered [2]int // where the responses begin and end
	end, err := jsonl.Walk(object, 0, func(key []byte, at int) (int, error) {
		end, err := jsonl.Skip(object, at)
		if err != nil {
			return at, err
		}
		value := object[at:end]
		switch string(key) {
		case "doc_id":
			r.id, r.hasID = text.ParseInt(inside(value))
		case "target":
			r.target = value
		case "filter":
			r.filter = string(inside(value))
		case "arguments":
			err = r.readRequests(at)
		case "resps":
			first = [2]int{at, end}
		case "filtered_resps":
			filtered = [2]int{at, end}
		case "metrics":
			r.mutual = bytes.Contains(value, []byte(`"acc_mutual_info"`))
		case "acc_mutual_info":
			r.mutual = true
		case "acc":
			r.acc = number(value)
		case "acc_norm":
			r.accNorm = number(value)
		}
		return end, err
	})
	if err == nil && end != len(object) {
		err = errors.New("text follows the object")
	}
	if err != nil {
		return err
	}
	return r.check(first, filtered)
}

// check checks that the record has all that a row needs.
func (r *record) check(first, filtered [2]int) error {
	switch {
	case !r.hasID:
		return faultf("doc_id", "", "is missing, or no integer")
	case r.target == nil:
		return faultf("target", "", "is missing")
	case r.written:
		return errGenerated
	}
	at, nested := filtered[0], false
	if filtered[1] == 0 {
		at, nested = first[0], true
	}
	if at == 0 {
		return faultf("filtered_resps", "write the samples with --log_samples", "is missing")
	}
	if err := r.readLikely(at, nested); err != nil {
		return err
	}
	if len(r.requests) != len(r.likely) {
		return faultf("arguments", "", "has %d requests, but there are %d responses", len(r.requests), len(r.likely))
	}
	if err := r.dropUnconditional(); err != nil {
		return err
	}
	if n := len(r.likely); n < 2 {
		return faultf("filtered_resps", "only multiple-choice tasks have a log-likelihood for each choice",
			"has %d log-likelihood(s): a choice needs two or more", n)
	}
	return nil
}

// readRequests reads the arguments: objects {gen_args_0: {arg_0, arg_1}, ...}, or, as
// versions before 0.4.1 wrote them, lists of pairs.
func (r *record) readRequests(at int) error {
	var err error
	if r.object[at] == '{' {
		_, err = jsonl.Walk(r.object, at, func(_ []byte, at int) (int, error) { return r.readRequest(at) })
	} else {
		_, err = jsonl.Items(r.object, at, r.readRequest)
	}
	return err
}

// readRequest reads the context and the choice of a request.
func (r *record) readRequest(at int) (int, error) {
	var args []string
	add := func(at int) (int, error) {
		end, err := jsonl.Skip(r.object, at)
		if err == nil {
			r.written = r.written || r.object[at] == '{' // how to write an answer: {"until": ...}
			args = append(args, string(verbatim(r.object[at:end])))
		}
		return end, err
	}
	var end int
	var err error
	switch r.object[at] {
	case '{':
		end, err = jsonl.Walk(r.object, at, func(_ []byte, at int) (int, error) { return add(at) })
	case '[':
		end, err = jsonl.Items(r.object, at, add)
	default:
		end, err = add(at)
	}
	if err != nil {
		return at, err
	}
	q := request{}
	if len(args) == 2 {
		q = request{args[0], strings.TrimSpace(args[1])}
	}
	r.requests = append(r.requests, q)
	return end, nil
}

// readLikely reads the log-likelihoods from a list of [log-likelihood, greedy]; nested
// if each of these is in a list of its own, with repeats after the first.
func (r *record) readLikely(at int, nested bool) error {
	if r.object[at] != '[' {
		return errGenerated
	}
	_, err := jsonl.Items(r.object, at, func(at int) (int, error) {
		end, err := jsonl.Skip(r.object, at)
		if err != nil {
			return at, err
		}
		if nested && r.object[at] == '[' {
			if inner := firstItem(r.object, at); inner > 0 {
				at = inner
			}
		}
		return end, r.readPair(at)
	})
	return err
}

// readPair reads one [log-likelihood, greedy].
func (r *record) readPair(at int) error {
	class := len(r.likely)
	if r.object[at] != '[' {
		if _, ok := text.ParseFloat(inside(r.object[at:mustSkip(r.object, at)])); ok && r.object[at] != '"' {
			return faultf("filtered_resps", "only multiple-choice tasks have a log-likelihood for each choice",
				"has one log-likelihood of a whole text and no choices (loglikelihood_rolling)")
		}
		return errGenerated
	}
	inner := firstItem(r.object, at)
	if inner == 0 {
		return faultf("filtered_resps", "", "has no log-likelihood of choice %d", class)
	}
	value := r.object[inner:mustSkip(r.object, inner)]
	v, ok := text.ParseFloat(inside(value))
	if !ok || math.IsNaN(v) || math.IsInf(v, 1) {
		return faultf("filtered_resps", "", "the log-likelihood of choice %d is %s, no number", class, shown(value))
	}
	r.likely = append(r.likely, v)
	return nil
}

// dropUnconditional drops the requests that ask for the choices without a context: the
// second half of all, asked for acc_mutual_info.
func (r *record) dropUnconditional() error {
	n := len(r.requests)
	half := n / 2
	if n%2 == 0 && half > 0 && slices.EqualFunc(r.requests[:half], r.requests[half:], repeats) {
		r.requests, r.likely = r.requests[:half], r.likely[:half]
		return nil
	}
	if r.mutual {
		return faultf("arguments", "", "has %d requests; for acc_mutual_info the second half is expected to repeat the first "+
			"without a context (unconditional)", n)
	}
	return nil
}

// repeats reports whether the second request is the first without its context.
func repeats(with, without request) bool {
	return with.choice == without.choice && without.context == "" && (with.context != "" || with.choice != "")
}

// label finds the right choice under both readings of the target: as an index, and as
// the text of a choice; -1 if it is none.
func (r *record) label() (index, choice int, err error) {
	index, choice = -1, -1
	if r.target[0] == '[' {
		return 0, 0, r.manyTargets()
	}
	target := inside(r.target)
	if v, ok := text.ParseInt(target); ok && v >= 0 && v < int64(len(r.requests)) {
		index = int(v)
	}
	for i, q := range r.requests {
		switch {
		case q.choice != string(target):
		case choice >= 0: // two choices with the same text
			choice = -1
			return index, choice, nil
		default:
			choice = i
		}
	}
	if index < 0 && choice < 0 && bytes.HasPrefix(target, []byte("[")) && bytes.HasSuffix(target, []byte("]")) {
		return 0, 0, r.manyTargets()
	}
	return index, choice, nil
}

func (r *record) manyTargets() error {
	return faultf("target", "several right answers leave no single label; choose another task, or a metric of that task",
		"is a list of right answers, %s", shown(inside(r.target)))
}

// best is the most likely choice, the first of several; tied if there are several.
func best(likely []float64) (at int, tied bool) {
	for i, v := range likely {
		switch {
		case i == 0:
		case v > likely[at]:
			at, tied = i, false
		case v == likely[at]:
			tied = true
		}
	}
	return at, tied
}

// inside is a value without the quotes of a string and the blanks around its text.
func inside(value []byte) []byte { return bytes.TrimSpace(verbatim(value)) }

// verbatim is the text of a string, and any other value as it is written.
func verbatim(value []byte) []byte {
	if value[0] != '"' {
		return value
	}
	return jsonl.Unquote(nil, value[1:len(value)-1])
}

// number is a value as a number, also one written as text; NaN if it is none.
func number(value []byte) float64 {
	v, ok := text.ParseFloat(inside(value))
	if !ok {
		return math.NaN()
	}
	return v
}

// firstItem is where the first item of a list begins; 0 if it is empty.
func firstItem(b []byte, at int) int {
	first := 0
	jsonl.Items(b, at, func(at int) (int, error) {
		first = at
		return at, errors.New("found")
	})
	return first
}

// mustSkip is jsonl.Skip for a value that was checked.
func mustSkip(b []byte, at int) int {
	end, err := jsonl.Skip(b, at)
	if err != nil {
		panic(err)
	}
	return end
}

func shown(value []byte) string {
	const most = 60
	if len(value) > most {
		value = append(bytes.Clone(value[:most]), "..."...)
	}
	return string(bytes.ToValidUTF8(value, []byte("?")))
}

// place adds column and line to an error of a record.
func place(err error, objects *jsonl.Objects, row int) error {
	if _, done := errors.AsType[*column.Error](err); done {
		return err
	}
	f, ok := errors.AsType[fault](err)
	if !ok {
		return objects.Invalid(err)
	}
	return &column.Error{Column: f.field, Row: row, Line: objects.Line(row), Err: f.error, Hint: f.hint}
}

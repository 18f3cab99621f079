package lmeval

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"abstain/datasets/column"
)

// sample is a record as lm-evaluation-harness writes it, with what tests change.
type sample struct {
	id      int
	target  string // as JSON
	choices []string
	likely  []string // as JSON
	filter  string
	more    string // further fields
}

func (s sample) String() string {
	var args, resps, filtered []string
	for i, c := range s.choices {
		args = append(args, fmt.Sprintf(`"gen_args_%d": {"arg_0": "Pick one.", "arg_1": " %s"}`, i, c))
	}
	for _, l := range s.likely {
		resps = append(resps, `[[`+l+`, "False"]]`)
		filtered = append(filtered, `[`+l+`, "False"]`)
	}
	filter := s.filter
	if filter == "" {
		filter = "none"
	}
	return fmt.Sprintf(`{"doc_id": %d, "doc": {"choices": ["%s"], "target": "no"}, "target": %s, "arguments": {%s}, "resps": [%s], "filtered_resps": [%s], "filter": "%s"%s}`,
		s.id, strings.Join(s.choices, `", "`), s.target, strings.Join(args, ", "), strings.Join(resps, ", "), strings.Join(filtered, ", "), filter, s.more) + "\n"
}

var animals = []string{"ox", "elk", "newt"}

func join(samples ...sample) string {
	var b strings.Builder
	for _, s := range samples {
		b.WriteString(s.String())
	}
	return b.String()
}

// read reads all columns of a section; "" for a file that is one table.
func read(content, name, section string) (r *Reader, values []string, err error) {
	r, err = Open(strings.NewReader(content), int64(len(content)), name)
	if err == nil && section != "" {
		err = r.Enter(section)
	}
	if err != nil {
		return nil, nil, err
	}
	var want []column.Want
	for i, f := range r.Fields() {
		want = append(want, column.Want{Field: i, Kind: f.Kind})
	}
	if err := r.Select(want); err != nil {
		return nil, nil, err
	}
	values = make([]string, len(want))
	for {
		chunk, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r, values, nil
		}
		if err != nil {
			return nil, nil, err
		}
		for i, c := range chunk.Columns {
			if c.Int != nil {
				values[i] += fmt.Sprint(c.Int)
			} else {
				values[i] += fmt.Sprint(c.F64)
			}
		}
	}
}

// TestRead: likelihoods are logits, and targets are labels, whichever way they are
// written.
func TestRead(t *testing.T) {
	const want = "[[0 1] [2 0] [-3.5 -2 -1 -4 -inf -5]]"
	first := sample{0, `"2"`, animals, []string{`"-3.5"`, `"-2"`, `"-1.0"`}, "", `, "acc": 1.0`}
	second := sample{1, `"0"`, animals, []string{`"-4"`, `"-inf"`, `"-5"`}, "", `, "acc": 1.0`}
	texts := [2]sample{first, second}
	texts[0].target, texts[1].target = `" newt "`, `"ox"`
	numbers := [2]sample{first, second}
	numbers[0].target, numbers[1].target, numbers[0].likely = "2", "0", []string{"-3.5", "-2", "-1.0"}
	plain := [2]sample{first, second}
	plain[0].more, plain[1].more = "", ""
	mutual := `{"doc_id": 1, "target": "0", "arguments": {"a": {"arg_0": "Q", "arg_1": " ox"}, "b": {"arg_0": "Q", "arg_1": " elk"}, "c": {"arg_0": "Q", "arg_1": " newt"}, ` +
		`"d": {"arg_0": "", "arg_1": " ox"}, "e": {"arg_0": "", "arg_1": " elk"}, "f": {"arg_0": "", "arg_1": " newt"}}, ` +
		`"filtered_resps": [["-4", "F"], ["-inf", "F"], ["-5", "F"], ["-1", "F"], ["-2", "F"], ["-3", "F"]], "metrics": ["acc", "acc_mutual_info"], "filter": "none", "acc": 1}`
	old := "[\n {\n  \"doc_id\": 0, \"target\": 2,\n  \"arguments\": [[\"Q\", \" ox\"], [\"Q\", \" elk\"], [\"Q\", \" newt\"]],\n" +
		"  \"resps\": [[[-3.5, false]], [[-2, false]], [[-1, true], [-9, true]]], \"acc\": 1.0 },\n {\"doc_id\": 1, \"target\": 0,\n" +
		" \"arguments\": [[\"Q\", \" ox\"], [\"Q\", \" elk\"], [\"Q\", \" newt\"]], \"filtered_resps\": [[-4, true], [-Infinity, false], [-5, false]], \"acc\": 1.0}\n]"
	for name, content := range map[string]string{
		"indexes": join(first, second), "texts": join(texts[:]...), "numbers": join(numbers[:]...), "without acc": join(plain[:]...),
		"mutual information": first.String() + mutual, "0.4.0": old,
	} {
		r, values, err := read(content, "m/samples_toy_mc_2026-02-01T10-11-12.345678.jsonl", "")
		if err != nil || strings.ToLower(fmt.Sprint(values)) != want {
			t.Errorf("%s: %v, %v", name, values, err)
			continue
		}
		if r.Sections() != nil || fmt.Sprint(r.Meta()) != "[{dataset toy_mc}]" || r.Line(1) == 0 || r.Line(2) != 0 {
			t.Errorf("%s: sections %v, meta %v, line %d", name, r.Sections(), r.Meta(), r.Line(1))
		}
		if !Recognise(strings.NewReader(content), int64(len(content))) {
			t.Errorf("%s: not recognised", name)
		}
	}
}

// TestRagged: choices that a row does not have get probability zero.
func TestRagged(t *testing.T) {
	r, values, err := read(join(sample{4, `"1"`, animals[:2], []string{`"-2"`, `"-1"`}, "", ""}, sample{9, `"2"`, animals, []string{`"-2"`, `"-3"`, `"-1"`}, "", ""}), "m.jsonl", "")
	if err != nil || fmt.Sprint(values) != "[[4 9] [1 2] [-2 -1 -Inf -2 -3 -1]]" || r.Meta() != nil {
		t.Fatalf("%v, %v", values, err)
	}
	if fmt.Sprint(r.Notes()) != "[rows have between 2 and 3 choices: those that a row does not have get probability zero]" {
		t.Errorf("notes %q", r.Notes())
	}
}

// TestFilters: records of several filters are several tables.
func TestFilters(t *testing.T) {
	content := join(sample{0, `"1"`, animals[:2], []string{`"-2"`, `"-1"`}, "none", ""}, sample{0, `"1"`, animals[:2], []string{`"-1"`, `"-2"`}, "debias", ""},
		sample{1, `"0"`, animals[:2], []string{`"-3"`, `"-5"`}, "none", ""}, sample{1, `"2"`, animals, []string{`"-3"`, `"-6"`, `"-7"`}, "debias", ""})
	for section, want := range map[string]string{"none": "[[0 1] [1 0] [-2 -1 -3 -5]]", "debias": "[[0 1] [1 2] [-1 -2 -Inf -3 -6 -7]]"} {
		r, values, err := read(content, "samples_a_b_2026-02-01T10:11:12.jsonl.gz.", section)
		if err != nil || fmt.Sprint(values) != want || r.Line(1) != map[string]int{"none": 3, "debias": 4}[section] {
			t.Errorf("%s: %v, line %d, %v", section, values, r.Line(1), err)
		}
	}
	r, err := Open(strings.NewReader(content), int64(len(content)), "samples_a_b_2026-02-01T10:11:12.jsonl.gz")
	if err != nil || fmt.Sprint(r.Sections()) != "[{none [{dataset a_b} {filter none}]} {debias [{dataset a_b} {condition debias} {filter debias}]}]" {
		t.Fatalf("%v, %v", r.Sections(), err)
	}
	if err := r.Select([]column.Want{{Field: 0, Kind: column.Int}}); err == nil || !strings.Contains(err.Error(), "2 values (none, debias)") {
		t.Errorf("both filters at once: %v", err)
	}
	if err := r.Enter("maj"); err == nil {
		t.Error("a filter that is not there was entered")
	}
}

// TestTargetOfDigits: where choices are numbers, acc tells what a target means.
func TestTargetOfDigits(t *testing.T) {
	digits := []string{"1", "2", "0"}
	likely := []string{`"-1"`, `"-3"`, `"-2"`} // choice 0 is best, whose text is 1
	index := sample{0, `"0"`, digits, likely, "", `, "acc": 1`}
	text := sample{0, `"1"`, digits, likely, "", `, "acc": "1.0"`}
	for want, s := range map[string]sample{"[0]": index, "[0] ": text} {
		r, values, err := read(s.String(), "m.jsonl", "")
		if err != nil || values[1] != strings.TrimSpace(want) || len(r.Notes()) != 1 {
			t.Errorf("%v, %v", values, err)
		}
	}
	for want, samples := range map[string][]sample{
		"may be the index of a choice or the text of choice 0, and no field acc tells": {{0, `"1"`, digits, likely, "", ""}},
		"column \"acc\": line 2: is 1, but the most likely choice is 0":                {index, text},
		"column \"acc\": line 1: is 0.5":                                               {{0, `"0"`, animals, likely, "", `, "acc": 0.5`}},
	} {
		if _, values, err := read(join(samples...), "m.jsonl", ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, %v; want %q", values, err, want)
		}
	}
}

// TestAccNorm: likelihoods by length are a column of their own, if acc_norm agrees.
func TestAccNorm(t *testing.T) {
	s := sample{0, `"1"`, []string{"ox", "badger"}, []string{`"-4"`, `"-6"`}, "", `, "acc": 0.0, "acc_norm": 1.0`}
	if r, values, err := read(s.String(), "m.jsonl", ""); err != nil || fmt.Sprint(values) != "[[0] [1] [-4 -6] [-2 -1]]" || r.Fields()[3].Name != "acc_norm" {
		t.Errorf("%v, %v", values, err)
	}
	s.more = `, "acc": 0.0, "acc_norm": 0.0`
	if _, values, err := read(s.String(), "m.jsonl", ""); err != nil || len(values) != 3 {
		t.Errorf("%v, %v", values, err)
	}
}

func TestRefuses(t *testing.T) {
	good := sample{0, `"1"`, animals, []string{`"-2"`, `"-1"`, `"-3"`}, "", ""}
	change := func(f func(*sample)) string {
		s := good
		f(&s)
		return good.String() + s.String()
	}
	for want, content := range map[string]string{
		`column "filtered_resps": line 2: the log-likelihood of choice 1 is "n/a", no number`: change(func(s *sample) { s.likely = []string{`"-2"`, `"n/a"`, `"-3"`} }),
		`the log-likelihood of choice 0 is "nan"`:                                             change(func(s *sample) { s.likely = []string{`"nan"`, `"-1"`, `"-3"`} }),
		`column "target": line 2: is a list of right answers, [0, 1]`:                         change(func(s *sample) { s.target = `"[0, 1]"` }),
		`is a list of right answers, ["ox"]`:                                                  change(func(s *sample) { s.target = `["ox"]` }),
		`column "target": line 2: "3" is neither the index of one of the 3 choices nor`:       change(func(s *sample) { s.target = `"3"` }),
		`the index of a choice in some rows and the text of a choice in others`:               change(func(s *sample) { s.target = `"elk"` }),
		`column "arguments": line 2: has 3 requests, but there are 2 responses`:               change(func(s *sample) { s.likely = s.likely[:2] }),
		`has 1 log-likelihood(s): a choice needs two or more`:                                 change(func(s *sample) { s.likely, s.choices, s.target = s.likely[:1], animals[:1], `"0"` }),
		`column "arguments": line 2: has 3 requests; for acc_mutual_info`:                     change(func(s *sample) { s.more = `, "acc_mutual_info": 1.0` }),
		`column "doc_id": line 2: is missing, or no integer`:                                  good.String() + strings.Replace(good.String(), "doc_id", "doc", 1),
		`column "target": line 2: is missing`:                                                 good.String() + `{"doc_id": 3, "filtered_resps": []}`,
		`line 2: not a JSON object`:                                                           good.String() + `{"doc_id": 3`,
		`without log-likelihoods, so there is no confidence`: `{"doc_id": 0, "target": "21", "arguments": {"gen_args_0": {"arg_0": "What?", "arg_1": {"until": ["\n"]}}}, ` +
			`"resps": [[" It is 22."]], "filtered_resps": ["22"], "filter": "strict-match", "exact_match": 0.0}`,
		`no choices (loglikelihood_rolling)`: `{"doc_id": 0, "target": "text", "arguments": {"gen_args_0": {"arg_0": "text"}}, "resps": [[-20.5]], "filtered_resps": [-20.5]}`,
	} {
		if _, values, err := read(content, "m.jsonl", ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, %v; want %q", values, err, want)
		}
	}
	if Recognise(strings.NewReader(`{"label": 1}`), 12) || Recognise(strings.NewReader("x"), 1) {
		t.Error("other JSON lines are recognised")
	}
}

// FuzzRead: any bytes are refused, or give rows whose labels are choices that the row
// has, with no NaN.
func FuzzRead(f *testing.F) {
	f.Add([]byte(join(sample{0, `"1"`, animals, []string{`"-2"`, `"-1"`, `"-3"`}, "", `, "acc": 1.0, "acc_norm": 1`}, sample{1, `"0"`, animals[:2], []string{`-2`, `-inf`}, "x", ""})))
	f.Add([]byte(`[{"doc_id": 0, "target": 1, "arguments": [["Q", " a"], ["Q", " b"]], "resps": [[[-1, true]], [[-2, false]]], "acc": 0.0}]`))
	f.Add([]byte(`{"doc_id": 0, "target": "[1]", "arguments": {"a": {"arg_0": "Q", "arg_1": {"until": []}}}, "resps": [["x"]], "filtered_resps": ["x"]}`))
	f.Add([]byte(`{"doc_id": 0, "target": "a", "arguments": [["Q", "a"], ["Q", "b"], ["", "a"], ["", "b"]], "filtered_resps": [[-1], ["-2"], [0], [0]], "metrics": ["acc_mutual_info"]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := Open(strings.NewReader(string(content)), int64(len(content)), "m.jsonl")
		if err != nil {
			return
		}
		defer r.Close()
		if s := r.Sections(); s != nil {
			if err := r.Enter(s[len(s)-1].Name); err != nil {
				t.Fatal(err)
			}
		}
		if r.Select([]column.Want{{Field: 1, Kind: column.Int}, {Field: 2, Kind: column.Vector64}}) != nil {
			return
		}
		next := 0
		for {
			chunk, err := r.Next()
			if err != nil {
				break
			}
			labels, logits := chunk.Columns[0].Int, chunk.Columns[1]
			if chunk.First != next || len(labels) != chunk.N || len(logits.F64) != chunk.N*logits.Width || logits.Width < 2 {
				t.Fatalf("%d labels, %d logits in %d rows", len(labels), len(logits.F64), chunk.N)
			}
			for row, l := range labels {
				if l < 0 || int(l) >= logits.Width || math.IsNaN(logits.F64[row*logits.Width]) {
					t.Fatalf("label %d of %v", l, logits.F64)
				}
			}
			next += chunk.N
		}
	})
}

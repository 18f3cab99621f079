package datasets

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"abstain/datasets/column"
)

// Each usual name is understood, in any dress.
func TestUsualNames(t *testing.T) {
	for _, c := range []struct{ header, row, want string }{
		{"target,prob_0,prob_1", "1,.2,.8", "label: target; probs: prob_0..prob_1 (2 classes)"},
		{"Y_True,Logit-0,Logit-1", "1,2,3", "label: Y_True; logits: Logit-0..Logit-1 (2 classes)"},
		{"ground truth,softmax 1,softmax 2", "1,.2,.8", "label: ground truth; probs: softmax 1..softmax 2 (2 classes)"},
		{"gt,logits_1,logits_2,logits_3", "0,1,2,3", "label: gt; logits: logits_1..logits_3 (3 classes)"},
		{"trueLabel,proba_00,proba_01", "0,.5,.5", "label: trueLabel; probs: proba_00..proba_01 (2 classes)"},
		{"targets,o0,o1,image_id", "0,5,-1,a", "label: targets; logits: o0..o1 (2 classes); sample_id: image_id"},
		{"class,0,1,filename", "0,.25,.75,a", "label: class; probs: 0..1 (2 classes); sample_id: filename"},
		{"y_true,y_pred,conf,idx", "0,1,.5,8", "label: y_true; prediction: y_pred; confidence: conf; sample_id: idx"},
		{"LABEL,predicted,max_prob,Image-ID", "0,1,.5,8", "label: LABEL; prediction: predicted; confidence: max_prob; sample_id: Image-ID"},
		{"is_correct,confidence_score", "1.0,.5", "correct: is_correct; confidence: confidence_score"},
		{"correct,confidence,target,pred", "true,.5,1,2", "correct: correct; confidence: confidence; groups: target, pred"},
		{"label,prob_cat,prob_dog", "dog,.5,.5", "label: label; probs: prob_cat..prob_dog (2 classes)"},
		{"y,cat_logit,dog_logit", "dog,1,5", "label: y; logits: cat_logit..dog_logit (2 classes)"},
		{"label,dog,cat,loss", "cat,.25,.75,3.5\ndog,.5,.5,1.5", "label: label; probs: dog..cat (2 classes); not used: loss"},
		{"label,dog,cat,eel", "cat,.25,.25,.5", "label: label; probs: dog..eel (3 classes)"},
		{"y_0,y_1,p_0,p_1", "0,1,.5,.5", "label: y_0..y_1; probs: p_0..p_1 (2 classes)"},
		{"target_0,target_1,p_0,p_1", "False,True,.5,.5", "label: target_0..target_1; probs: p_0..p_1 (2 classes)"},
		{"id,label,prediction,confidence,should_abstain", "7,0,1,.5,1", "label: label; prediction: prediction; confidence: confidence; should_abstain: should_abstain; sample_id: id"},
		{"label,l0,l1,target,sex", "0,1,2,1,f", "label: label; logits: l0..l1 (2 classes); groups: target, sex"},
		{"label,logits_0,logits_1,raw_logits_0,raw_logits_1", "0,1,2,3,4", "label: label; logits: logits_0..logits_1 (2 classes); groups: raw_logits_0, raw_logits_1"},
		{"label,prediction,confidence,l1,l2,c0,c1", "0,1,.5,7,8,1,1", "label: label; prediction: prediction; confidence: confidence; groups: l1, l2, c0, c1"},
		{"sample_id,id,label,p0,p1", "a,4,0,1,0", "label: label; probs: p0..p1 (2 classes); sample_id: sample_id; groups: id"},
		{"filename,index,label,p0,p1", "a,4,0,1,0", "label: label; probs: p0..p1 (2 classes); sample_id: filename; groups: index"},
	} {
		r, err := OpenTable(csvTable(c.header, c.row))
		if err != nil {
			t.Errorf("%s: %v", c.header, err)
			continue
		}
		if got := r.Schema().Sentence(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.header, got, c.want)
		}
		r.Close()
	}
}

// What the user says comes before what names say.
func TestSaidColumns(t *testing.T) {
	for _, c := range []struct{ header, row, said, want string }{
		{"label,wahr,netz0,netz1", "0,1,2,3", "label=wahr,logits=netz", "label: wahr; logits: netz0..netz1 (2 classes); groups: label"},
		{"wahr,Netz_1,Netz_2", "0,.5,.5", "labels=wahr;probs=netz", "label: wahr; probs: Netz_1..Netz_2 (2 classes)"},
		{"label,a,b,c", "0,1,2,3", "logits=a..c", "label: label; logits: a..c (3 classes)"},
		{"label,p0,p1,l0,l1", "0,1,0,3,1", "probs=p", "label: label; probs: p0..p1 (2 classes); groups: l0, l1"},
		{"id,label,p0,p1", "1,0,1,0", "sample_id=", "label: label; probs: p0..p1 (2 classes); groups: id"},
		{"score_choice,score_confidence,target", "C,.5,yes", "correct=score_choice,confidence=score_confidence",
			"correct: score_choice; confidence: score_confidence; groups: target"},
		{"label,p0,p1,mc", "0,1,0,3", "score:dropout=mc", "label: label; probs: p0..p1 (2 classes); score:dropout: mc"},
		{"y_true,s", "1,-3.5", "logits=s", "label: y_true; logits: s (2 classes)"},
		{"t0,t1,p0,p1", "0,1,.5,.5", "label=t", "label: t0..t1; probs: p0..p1 (2 classes)"},
	} {
		table := csvTable(c.header, c.row)
		said, err := ParseColumns(c.said)
		if err != nil {
			t.Fatal(err)
		}
		table.Reading = table.Reading.With(said)
		r, err := OpenTable(table)
		if err != nil {
			t.Errorf("%s, %s: %v", c.header, c.said, err)
			continue
		}
		if got := r.Schema().Sentence(); got != c.want {
			t.Errorf("%s, %s:\n got %s\nwant %s", c.header, c.said, got, c.want)
		}
		r.Close()
	}
}

func TestParseColumns(t *testing.T) {
	said, err := ParseColumns(" labels = wahr ; logits=netz,ids=")
	if err != nil || fmt.Sprint(said) != "[{label wahr} {logits netz} {sample_id }]" {
		t.Errorf("%v, %v", said, err)
	}
	for text, want := range map[string]string{"label": "PART=COLUMN", "truth=a": `"truth" is no part`, "score=x": "no part"} {
		if _, err := ParseColumns(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	r := Reading{}.With(Meta{{"label", "a"}, {"probs", "p"}}).With(Meta{{"labels", "b"}})
	if fmt.Sprint(r.Columns) != "[{probs p} {label b}]" {
		t.Errorf("later sayings: %v", r.Columns)
	}
}

// Messages name what was found and what looks like the missing part.
func TestNearest(t *testing.T) {
	for _, c := range []struct{ header, row, said, column, want string }{
		{"lable,p0,p1", "0,.5,.5", "", "label", `does "lable" mean it?`},
		{"wahr,netz0,netz1", "0,1,2", "", "", "found: wahr, netz0, netz1"},
		{"id,test_logits,test_label", "0,1,2", "", "", `"test_label" looks like label, "test_logits" looks like logits`},
		{"label,confidnce,prediction", "0,1,2", "", "", `"confidnce" looks like confidence`},
		{"label,p0,p1", "0,.5,.5", "label=lable", "", `no column is called "lable"`},
		{"label,p0,p1", "0,.5,.5", "label=lable", "", `the nearest is "label"`},
	} {
		table := csvTable(c.header, c.row)
		table.Reading.Columns, _ = ParseColumns(c.said)
		_, err := OpenTable(table)
		checkError(t, err, c.column, -1, c.want)
	}
}

func TestDistance(t *testing.T) {
	for pair, want := range map[[2]string]int{{"label", "lable"}: 1, {"label", "label"}: 0, {"", "abc"}: 3, {"target", "taget"}: 1, {"logits", "probs"}: 5} {
		if got := distance(pair[0], pair[1]); got != want || got != distance(pair[1], pair[0]) {
			t.Errorf("%q: %d, want %d", pair, got, want)
		}
	}
}

// Every word of the vocabulary is found in its own part, and this package's own word is
// the first.
func TestVocabulary(t *testing.T) {
	for p := range parts {
		for i, word := range strings.Fields(vocabulary[p]) {
			if place, ok := placeOf(p, word); !ok || place > i {
				t.Errorf("%q: place %d of %s", word, place, p.word())
			}
		}
		if place, ok := placeOf(p, strings.ToUpper(p.word())); !ok || place != 0 {
			t.Errorf("%s in capitals: place %d", p.word(), place)
		}
	}
}

// randomFields draws columns whose names are words of the vocabulary, with slips.
func randomFields(rnd *rand.Rand) []column.Field {
	kinds := []column.Kind{column.Other, column.Int, column.Float32, column.Float64, column.Bool, column.Text, column.Vector32, column.Vector64, column.Untyped, column.Moment}
	fields := make([]column.Field, rnd.IntN(9))
	for i := range fields {
		words := strings.Fields(vocabulary[rnd.IntN(int(parts))])
		name := words[rnd.IntN(len(words))]
		switch rnd.IntN(6) {
		case 0:
			name = words[0]
		case 1:
			name = fmt.Sprint([]string{"l", "p", "logits_", "probs_", "o", "", "y_"}[rnd.IntN(7)], rnd.IntN(4))
		case 2:
			name = strings.ToUpper(name)
		}
		fields[i] = column.Field{Name: name, Kind: kinds[rnd.IntN(len(kinds))], Width: rnd.IntN(5)}
	}
	return fields
}

// checkRecognised makes sure of what holds for any columns: no panic, no column used for
// two parts, this package's own names win, and the order of the columns is nothing.
func checkRecognised(t *testing.T, fields []column.Field, rnd *rand.Rand) {
	t.Helper()
	l, err := recognise(fields, Reading{}, nil)
	shuffled := slices.Clone(fields)
	rnd.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	again, errAgain := recognise(shuffled, Reading{}, nil)
	if (err == nil) != (errAgain == nil) {
		t.Fatalf("%v: %v, in another order %v", fields, err, errAgain)
	}
	if err != nil {
		return
	}
	if fmt.Sprint(l.taken()) != fmt.Sprint(again.taken()) || l.schema.Kind != again.schema.Kind || len(l.choices) != len(again.choices) {
		t.Fatalf("%v: %v, in another order %v", fields, l.taken(), again.taken())
	}
	seen := map[int]bool{}
	for _, w := range l.want {
		if seen[w.Field] {
			t.Fatalf("%v: field %d is taken twice", fields, w.Field)
		}
		seen[w.Field] = true
	}
	for key, at := range map[string]int{"label": l.label, "sample_id": l.id} {
		if _, has := l.named(fields, key); has && at >= 0 && l.names[at] != key {
			t.Fatalf("%v: %s is %s", fields, key, l.names[at])
		}
	}
}

func (l *layout) named(fields []column.Field, name string) (int, bool) {
	i := slices.IndexFunc(fields, func(f column.Field) bool { return f.Name == name })
	return i, i >= 0
}

func FuzzRecognise(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed, "label")
	}
	f.Fuzz(func(t *testing.T, seed uint64, name string) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		fields := randomFields(rnd)
		fields = append(fields, column.Field{Name: name, Kind: column.Kind(rnd.IntN(10)), Width: rnd.IntN(4)})
		checkRecognised(t, fields, rnd)
	})
}

package training

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"

	"abstain/datasets/column"
	"abstain/datasets/ipc"
	"abstain/harness/disk"
	"abstain/harness/training/network"
)

// generation is raised when the same configuration gives other predictions than before, so that tables of earlier
// versions are made anew.
const generation = 2

// digest stands for everything that decides a network and its answers but the model's own name.
func (c *Config) digest() string {
	h := sha256.New()
	e := json.NewEncoder(h)
	_ = e.Encode([]any{generation, c.Recipe, c.Seed, c.Sum, c.group(), c.Data.Name, c.Data.Classes, c.Data.Side})
	if c.Teacher != nil {
		_ = e.Encode([]any{c.Teacher.Name, c.Teacher.Logits})
	}
	for _, r := range []Rows{c.Data.Train, c.Data.Val, c.Data.Meta, c.Data.Test, c.Data.Outside} {
		_ = e.Encode([]any{r.Labels, r.IDs, r.Texts, r.Groups, r.X.Rows, r.X.Cols})
		_ = binary.Write(h, binary.LittleEndian, r.X.V)
	}
	for _, s := range c.Data.Shifted {
		_ = e.Encode(s.Condition)
		if s.rows != nil {
			_ = e.Encode([]any{s.rows.Labels, s.rows.IDs, s.rows.Texts, s.rows.Groups})
		}
		_ = binary.Write(h, binary.LittleEndian, s.X.V)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// view is a table of every model: some rows under a condition.
type view struct {
	split, condition string
	rows             Rows
	attack           string // fgsm, pgd or transfer; "" for none
}

// views are the tables of a model, in the order of the manifest.
func (d *Data) views(r Recipe) []view {
	list := []view{{"test", "clean", d.Test, ""}, {"val", "clean", d.Val, ""}}
	for _, s := range d.Shifted {
		rows := d.Test
		if s.rows != nil {
			rows = *s.rows
		}
		rows.X = s.X
		list = append(list, view{"test", s.Condition, rows, ""})
	}
	if d.Box && r.Test.Steps > 0 {
		attacked := d.Test
		if r.Attacked > 0 {
			attacked = d.Test.head(r.Attacked)
		}
		for _, kind := range []string{"fgsm", "pgd", "transfer"} {
			list = append(list, view{"test", fmt.Sprintf("%s-eps%v", kind, r.Test.Epsilon), attacked, kind})
		}
	}
	if len(d.Outside.Labels) > 0 {
		list = append(list, view{"test", "ood", d.Outside, ""})
	}
	return list
}

// viewsOf are the views of one model: all.
func (w *workshop) viewsOf(Model) []view { return w.views }

// file is the path of a table in the folder.
func (v view) file(m Model) string { return path.Join(v.split, v.condition, m.Name+".arrow") }

// complete reports whether all tables of a model are there, made by this configuration.
func (w *workshop) complete(m Model) bool {
	return !slices.ContainsFunc(w.viewsOf(m), func(v view) bool { return !w.made(v.file(m)) })
}

// made reports whether a table is of this configuration. Tables are renamed when they are whole, so none is torn.
func (w *workshop) made(file string) bool {
	return slices.Contains(w.metaOf(file), column.Pair{Key: digestKey, Value: w.digest})
}

// metaOf is the metadata of a table; nil if it cannot be read.
func (w *workshop) metaOf(file string) []column.Pair {
	f, err := os.Open(w.at(file))
	if err != nil {
		return nil
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil
	}
	r, err := ipc.Open(f, st.Size())
	if err != nil {
		return nil
	}
	defer r.Close()
	return r.Meta()
}

// Metadata keys: of the configuration's digest, and of the mean and the standard deviation of gamma-Net's
// exponents over the training rows.
const (
	digestKey = "training"
	meanKey   = "gamma-mean"
	spreadKey = "gamma-std"
)

// write writes a table of a model's answers.
func (w *workshop) write(ctx context.Context, m Model, v view, f *fitted) error {
	x, err := w.inputs(ctx, m, v, f)
	if err != nil {
		return err
	}
	p := f.predict(x, w.random(m.Name, v.split, v.condition, "passes"))
	columns := []ipc.Column{v.rows.ids(), ipc.Ints("label", ipc.Int16, v.rows.Labels),
		ipc.Vectors("logits", ipc.Float32, p.logits.Cols, p.logits.V)}
	for _, g := range v.rows.Groups {
		columns = append(columns, ipc.Dictionary(g.Name, g.Values))
	}
	if p.entropy != nil {
		of := "score:members-"
		if f.stochastic {
			of = "score:mc-" // as studies look for it
		}
		columns = append(columns, ipc.Floats(of+"entropy", ipc.Float64, p.entropy), ipc.Floats(of+"mutual-information", ipc.Float64, p.information))
	}
	meta := []column.Pair{{Key: "model", Value: m.Name}, {Key: "dataset", Value: w.Data.Name}, {Key: "split", Value: v.split},
		{Key: "condition", Value: v.condition}, {Key: digestKey, Value: w.digest}}
	if v.attack != "" {
		meta = append(meta, column.Pair{Key: "attack", Value: w.describe(m, v)})
	}
	if f.gammas != nil {
		meta = append(meta, column.Pair{Key: meanKey, Value: fmt.Sprintf("%.4g", f.gammas.mean)},
			column.Pair{Key: spreadKey, Value: fmt.Sprintf("%.4g", f.gammas.deviation)})
	}
	return disk.Replace(w.at(v.file(m)), func(out io.Writer) error { return ipc.Write(out, columns, ipc.Options{Meta: meta}) })
}

// ids is the column of ids.
func (r Rows) ids() ipc.Column {
	width := ipc.Int32
	for _, id := range r.IDs {
		if int64(int32(id)) != id {
			width = ipc.Int64
		}
	}
	if r.Texts != nil {
		return ipc.Texts("sample_id", r.Texts)
	}
	return ipc.Ints("sample_id", width, r.IDs)
}

// describe says which attack it was, and whether it saw the defence.
func (w *workshop) describe(m Model, v view) string {
	b := w.Recipe.Test
	s := fmt.Sprintf("FGSM, eps %v", b.Epsilon)
	if v.attack != "fgsm" {
		s = fmt.Sprintf("PGD of %d steps of %v, eps %v, one random start", b.Steps, b.Alpha, b.Epsilon)
	}
	switch {
	case v.attack == "transfer":
		return s + ", by the gradients of another vanilla network: it did not see the model"
	case m.Regime.Ensemble > 0:
		return s + ", by the gradients of the first network of the ensemble"
	case m.Regime.Stochastic:
		return s + ", by the gradients of the network without dropout"
	}
	return s + ", by the gradients of the model itself: it saw the defence"
}

// inputs are the rows as the model sees them.
func (w *workshop) inputs(ctx context.Context, m Model, v view, f *fitted) (network.Matrix[float32], error) {
	switch v.attack {
	case "":
		return v.rows.X, nil
	case "transfer":
		s, err := w.surrogate(ctx, m)
		if err != nil {
			return network.Matrix[float32]{}, err
		}
		return s.attacked("pgd", v.rows, w.Data.Classes, w.Recipe.Test, w.random(m.Name, v.condition)), nil
	}
	return f.attacked(v.attack, v.rows, w.Data.Classes, w.Recipe.Test, w.random(m.Name, v.condition)), nil
}

// manifestColumns are those of the corpus's manifest.
var manifestColumns = []string{"file", "model", "dataset", "split", "condition", "rows", "family", "regime", "base", "teacher", "seed", "params", "preset", "reference", "reduction", meanKey, spreadKey}

// writeManifest lists the tables of the models that were made, and the failures beside it.
func (w *workshop) writeManifest(trained []Trained) error {
	var failed [][]string
	rows := [][]string{manifestColumns}
	for _, t := range trained {
		m := t.Model
		if t.Err != nil {
			failed = append(failed, []string{m.Name, m.Family.ID, m.Regime.ID, strconv.Itoa(m.Seed), t.Err.Error()})
			continue
		}
		params := strconv.Itoa(m.Family.network(w.Data, 0).Parameters() * max(1, m.Regime.Ensemble))
		meta := map[string]string{}
		if m.Regime.Meta { // out of the tables, so that a model that was there before has it
			for _, p := range w.metaOf(w.views[0].file(m)) {
				meta[p.Key] = p.Value
			}
		}
		for _, v := range w.viewsOf(m) {
			rows = append(rows, []string{v.file(m), m.Name, w.Data.Name, v.split, v.condition, strconv.Itoa(len(v.rows.Labels)), m.Family.ID, m.Regime.ID,
				m.Base, m.Teacher, strconv.Itoa(m.Seed), params, w.Preset, w.referenceOf(m), w.reduction(m), meta[meanKey], meta[spreadKey]})
		}
	}
	if err := w.writeCSV("manifest.csv", rows); err != nil {
		return err
	}
	if len(failed) == 0 {
		err := os.Remove(w.at("failed.csv"))
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return err
	}
	return w.writeCSV("failed.csv", slices.Insert(failed, 0, []string{"model", "family", "regime", "seed", "reason"}))
}

// referenceOf is the model of the same seed that a preset compares the model with; "" without a preset, and of the
// reference itself.
func (w *workshop) referenceOf(m Model) string {
	p, err := PresetByID(w.Preset)
	if err != nil || m.Regime.Teaches {
		return ""
	}
	if r := w.twin(m, cmp.Or(p.Reference, "vanilla")); r.Name != m.Name {
		return r.Name
	}
	return ""
}

// reduction says whether the look-ahead of a model was of the mean or of the sum over a batch; "" if it has none.
func (w *workshop) reduction(m Model) string {
	switch {
	case !m.Regime.Meta:
		return ""
	case w.Sum:
		return "sum"
	}
	return "mean"
}

func (w *workshop) writeCSV(name string, rows [][]string) error {
	return disk.Replace(w.at(name), func(out io.Writer) error { return csv.NewWriter(out).WriteAll(rows) })
}

// Tables counts the tables that a plan gives.
func Tables(c Config, models []Model) int { return len(models) * len(c.Data.views(c.Recipe)) }

package results

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"abstain/datasets"
	"abstain/harness/disk"
	"abstain/harness/evaluate"
	"abstain/harness/store"
	"abstain/metrics"
)

// Read reads a run's folder: results.csv, and models.csv and run.json if they
// exist. Published figures in that shape can therefore be read too. If dir is a
// file, it is read as a long table: one value in each line, in the columns model,
// metric and value (published.go has the other columns).
func Read(dir string) (*Results, error) {
	s := &Results{Dir: dir}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return s, s.readLong(dir)
	}
	if err := s.readRows(filepath.Join(dir, "results.csv")); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is no run's folder: it has no results.csv (abstain run CORPUS --out %s makes one)", dir, dir)
		}
		return nil, err
	}
	if err := s.readModels(filepath.Join(dir, "models.csv")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := s.readRun(filepath.Join(dir, "run.json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := s.readNotes(filepath.Join(dir, "notes.csv")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := s.readIndex(filepath.Join(dir, "outcomes", "index.csv")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := s.readFits(filepath.Join(dir, "transforms.csv")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := s.readCredal(filepath.Join(dir, "credal.csv")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := s.readSets(filepath.Join(dir, "sets.csv")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return s, nil
}

// Outcomes returns the kept outcomes of the table that the row is of. A folder of
// published figures has none.
func (s *Results) Outcomes(k Key) (*metrics.Outcomes, error) {
	key, ok := s.Kept[k.Table()]
	if !ok {
		return nil, fmt.Errorf("%s keeps no outcomes of model %q: curves need a folder that abstain run made", s.Dir, k.Model)
	}
	o, err := s.load(key)
	if err != nil {
		return nil, err
	}
	return o.Outcomes, nil
}

// Samples returns the outcomes, and the ids of the samples, in whose order the
// outcomes are. The ids are empty if the table had none.
func (s *Results) Samples(k Key) (*metrics.Outcomes, datasets.IDs, error) {
	key, ok := s.Kept[k.Table()]
	if !ok {
		return nil, datasets.IDs{}, fmt.Errorf("%s keeps no outcomes of model %q", s.Dir, k.Model)
	}
	o, err := s.load(key)
	if err != nil {
		return nil, datasets.IDs{}, err
	}
	return o.Outcomes, o.IDs, nil
}

// ErrOtherVersion is that of outcomes which another version of abstain kept.
var ErrOtherVersion = store.ErrOtherFormat

func (s *Results) load(key string) (*store.Outcomes, error) {
	o, err := store.Folder(s.Dir).LoadOutcomes(key)
	if err != nil {
		return nil, fmt.Errorf("%w (abstain run with the same corpus makes it again)", err)
	}
	return o, nil
}

// readNotes adds their notes to the estimates.
func (s *Results) readNotes(path string) error {
	_, lines, err := readCSV(path)
	if err != nil {
		return err
	}
	at := map[Key]int{}
	for i, row := range s.Rows {
		at[row.Key] = i
	}
	for _, f := range lines {
		if len(f) != 8 {
			return fmt.Errorf("%s: want 8 columns", path)
		}
		i, ok := at[Key{f[0], f[1], f[2], f[3], f[4], f[5]}]
		m := slices.IndexFunc(s.Measures, func(m metrics.Measure) bool { return m.Name() == f[6] })
		if ok && m >= 0 && m < len(s.Rows[i].Cells) {
			e := &s.Rows[i].Cells[m]
			e.Notes = append(e.Notes, f[7])
		}
	}
	return nil
}

func (s *Results) readIndex(path string) error {
	_, rows, err := readCSV(path)
	if err != nil {
		return err
	}
	s.Kept = map[Key]string{}
	for _, f := range rows {
		k := Key{Model: f[0], Dataset: f[1]}
		switch len(f) {
		case 5: // written before there were transforms
			k.Split, k.Condition = f[2], f[3]
		case 6:
			k.Split, k.Condition, k.Transform = f[2], f[3], f[4]
		default:
			return fmt.Errorf("%s: want 6 columns", path)
		}
		s.Kept[k.Table()] = f[len(f)-1]
	}
	return nil
}

func (s *Results) readRows(path string) error {
	header, rows, err := readCSV(path)
	if err != nil {
		return err
	}
	if len(header) < len(keyColumns) || !slices.Equal(header[:len(keyColumns)], keyColumns) {
		return fmt.Errorf("%s: the header must begin with %s", path, strings.Join(keyColumns, ","))
	}
	if s.Measures, err = columnMeasures(header[len(keyColumns):]); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for i, fields := range rows {
		row, err := s.parseRow(header, fields)
		if err != nil {
			return fmt.Errorf("%s: line %d: %w", path, i+2, err)
		}
		s.Rows = append(s.Rows, row)
	}
	return nil
}

// columnMeasures reads the heads of metric columns: ids, each with its bounds
// behind it, if it has any.
func columnMeasures(heads []string) ([]metrics.Measure, error) {
	var measures []metrics.Measure
	var names []string
	for _, head := range heads {
		id, bound := strings.CutSuffix(head, ".lo")
		if !bound {
			id, bound = strings.CutSuffix(head, ".hi")
		}
		if bound && slices.Contains(names, id) {
			continue
		}
		m, err := metrics.ParseMeasure(head)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", head, err)
		}
		m.Asked = head // by which the cells are found, whatever its spelling
		measures, names = append(measures, m), append(names, head)
	}
	return measures, nil
}

func (s *Results) parseRow(header, f []string) (Row, error) {
	row := Row{Key: Key{f[0], f[1], f[2], f[3], f[4], f[5]}, Status: f[6]}
	n, err := parseNumbers(header, f)
	if err != nil || row.Status != "ok" {
		return row, err
	}
	row.N, row.Classes = whole(n["n"]), whole(n["classes"])
	for _, m := range s.Measures {
		id := m.Name()
		e := metrics.Estimate{Value: n[id], Lo: math.NaN(), Hi: math.NaN(), N: row.N}
		if !store.Possible(m.Metric, e.Value) {
			return row, fmt.Errorf("column %q: %v is not between %v and %v", id, e.Value, m.Metric.Range[0], m.Metric.Range[1])
		}
		if lo, ok := n[id+".lo"]; ok {
			e.Lo, e.Hi = lo, n[id+".hi"]
			if !math.IsNaN(e.Lo) {
				e.Level = evaluate.DefaultLevel // unless run.json gives another
			}
		}
		row.Cells = append(row.Cells, e)
	}
	return row, nil
}

// parseNumbers reads the columns from the n-th on; an empty cell is NaN.
func parseNumbers(header, fields []string) (map[string]float64, error) {
	values := map[string]float64{}
	for i := 7; i < len(header); i++ {
		values[header[i]] = math.NaN()
		if fields[i] == "" {
			continue
		}
		v, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return nil, fmt.Errorf("column %q: %q is no number", header[i], fields[i])
		}
		values[header[i]] = v
	}
	return values, nil
}

func whole(v float64) int {
	if math.IsNaN(v) {
		return 0
	}
	return int(v)
}

func (s *Results) readModels(path string) error {
	header, rows, err := readCSV(path)
	if err != nil {
		return err
	}
	if !slices.Contains(header, "model") {
		return fmt.Errorf("%s: no column %q", path, "model")
	}
	for _, fields := range rows {
		var m Model
		for i, h := range header {
			switch h {
			case "model":
				m.Model = fields[i]
			case "dataset":
				m.Dataset = fields[i]
			default:
				m.Meta = append(m.Meta, datasets.Pair{Key: h, Value: fields[i]})
			}
		}
		s.Models = append(s.Models, m)
	}
	return nil
}

func (s *Results) readRun(path string) error {
	content, err := readKept(path)
	if err != nil {
		return err
	}
	var f runFile
	if err := json.Unmarshal(content, &f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s.Run, s.Failures = f.RunInfo, f.Failures
	for _, row := range s.Rows {
		for i := range row.Cells {
			if row.Cells[i].Level > 0 {
				row.Cells[i].Level = f.Intervals.Level
			}
		}
	}
	return nil
}

// Meta returns the metadata of a model on a dataset. If models.csv has no
// dataset, its metadata hold for all datasets.
func (s *Results) Meta(model, dataset string) datasets.Meta {
	for _, m := range s.Models {
		if m.Model == model && (m.Dataset == dataset || m.Dataset == "") {
			return m.Meta
		}
	}
	return nil
}

func readCSV(path string) (header []string, rows [][]string, err error) {
	content, err := readKept(path)
	if err != nil {
		return nil, nil, err
	}
	return parseCSV(path, content)
}

// readKept reads a file of a run's folder, which must have the digest that the folder
// says.
func readKept(path string) ([]byte, error) {
	dir, name := filepath.Dir(path), filepath.Base(path)
	if filepath.Base(dir) == "outcomes" {
		dir, name = filepath.Dir(dir), "outcomes/"+name
	}
	return disk.ReadFile(dir, name)
}

func parseCSV(path string, content []byte) (header []string, rows [][]string, err error) {
	all, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(all) == 0 {
		return nil, nil, fmt.Errorf("%s: empty", path)
	}
	return all[0], all[1:], nil
}

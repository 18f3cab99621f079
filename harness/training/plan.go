package training

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"abstain/harness/training/regime"
)

// Config says what to train, and where its predictions go.
type Config struct {
	Data     *Data
	Recipe   Recipe
	Regimes  []string // ids; nil: all that the data allow
	Families []string // ids; nil: all that the data allow
	Seeds    int      // how many of each, if Models is 0
	Models   int      // how many classifiers; the seeds are as many as that takes
	Seed     uint64   // of everything
	Sum      bool     // look-aheads are of the sum over a batch (--reduction sum)
	Group    string   // the group column of fairness constraints; "": the only one
	Preset   string   // of which paper's comparison this is; "" for none
	Teacher  *Teacher // of distillation; nil: one that is trained here

	Out     string
	Workers int
	Version string // of abstain
}

// Model is one classifier of a plan.
type Model struct {
	Name    string
	Family  Family
	Regime  regime.Regime
	Seed    int
	Base    string // the model from which it differs by the regime alone; "" of a vanilla one
	Teacher string
}

// name is a model's name.
func name(f Family, r regime.Regime, seed int) string {
	return fmt.Sprintf("%s-%s-seed%d", f.ID, r.ID, seed)
}

// teachers are the networks that teach distillation in all families.
var teachers = Family{ID: "mlp-256", Hidden: []int{256}}

// teacherOf is the teacher of a seed.
func teacherOf(seed int) Model {
	r, _ := regime.ByID("teacher")
	return Model{Name: name(teachers, r, seed), Family: teachers, Regime: r, Seed: seed}
}

// plan lists the models: by seed, then by family, the vanilla one first, so that every model comes after its base.
func (c *Config) plan() ([]Model, error) {
	regimes, err := c.regimes()
	if err != nil {
		return nil, err
	}
	families, err := c.families()
	if err != nil {
		return nil, err
	}
	if c.Models < 0 || c.Seeds < 0 || c.Models == 0 && c.Seeds == 0 {
		return nil, errors.New("ask for at least one model or seed")
	}
	if c.Teacher != nil && !slices.ContainsFunc(regimes, func(r regime.Regime) bool { return r.Teacher }) {
		return nil, fmt.Errorf("teacher %s: none of the regimes learns from a teacher; distillation does", c.Teacher.Name)
	}
	var models []Model
	for seed := 0; c.Models > 0 && len(models) < c.Models || c.Models == 0 && seed < c.Seeds; seed++ {
		for _, f := range families {
			for _, r := range regimes {
				switch {
				case r.Teaches && c.Teacher != nil: // nobody learns from it
				case r.Teaches && f.ID == families[0].ID:
					models = append(models, teacherOf(seed))
				case !r.Teaches && f.suits(r):
					models = append(models, c.modelOf(f, r, seed))
				}
			}
		}
	}
	if c.Models > 0 {
		models = models[:c.Models]
	}
	return models, nil
}

func (c *Config) modelOf(f Family, r regime.Regime, seed int) Model {
	m := Model{Name: name(f, r, seed), Family: f, Regime: r, Seed: seed}
	if r.ID != "vanilla" {
		base, _ := regime.ByID("vanilla")
		m.Base = name(f, base, seed)
	}
	switch {
	case r.Teacher && c.Teacher != nil:
		m.Teacher = c.Teacher.Name
	case r.Teacher:
		m.Teacher = teacherOf(seed).Name
	}
	return m
}

// suits reports whether networks of the family can be trained under the regime: only perceptrons with hidden layers
// have dropout.
func (f Family) suits(r regime.Regime) bool { return r.Dropout == 0 || len(f.Hidden) > 0 }

// families are those asked for, or those that the data allow.
func (c *Config) families() ([]Family, error) {
	var list []Family
	for _, id := range c.Families {
		f, err := family(id)
		if err != nil {
			return nil, err
		}
		if !f.fits(c.Data) {
			return nil, fmt.Errorf("family %s is for square images with a side that 4 divides, and the rows are none", id)
		}
		list = append(list, f)
	}
	if c.Families == nil {
		for _, f := range Families {
			if f.fits(c.Data) {
				list = append(list, f)
			}
		}
	}
	return list, nil
}

// regimes are those asked for, or those that the data allow, the vanilla one first: it is everyone's base.
func (c *Config) regimes() ([]regime.Regime, error) {
	list := []regime.Regime{}
	if c.Regimes == nil {
		for _, r := range regime.All {
			if c.lacks(r) == nil {
				list = append(list, r)
			}
		}
		return list, nil
	}
	vanilla, _ := regime.ByID("vanilla")
	list = append(list, vanilla)
	for _, id := range c.Regimes {
		r, ok := regime.ByID(id)
		if !ok {
			return nil, fmt.Errorf("no regime is called %q; there are %s", id, strings.Join(ids(), ", "))
		}
		if err := c.lacks(r); err != nil {
			return nil, fmt.Errorf("regime %s: %w", id, err)
		}
		if r.Teacher { // it is a model of the corpus, too
			id := slices.Index(ids(), "teacher")
			list = append(list, regime.All[id])
		}
		if id != "vanilla" && !slices.ContainsFunc(list, func(o regime.Regime) bool { return o.ID == id }) {
			list = append(list, r)
		}
	}
	return list, nil
}

func ids() []string {
	var list []string
	for _, r := range regime.All {
		list = append(list, r.ID)
	}
	return list
}

// lacks says what the data lack for a regime.
func (c *Config) lacks(r regime.Regime) error {
	d := c.Data
	switch {
	case r.Meta && len(d.Meta.Labels) == 0:
		return errors.New("it needs rows of split meta, which neither training nor selection sees")
	case r.Attacked && !d.Box:
		return errors.New("attacks need features within [0, 1]")
	case r.Head != nil && d.Classes != 2:
		return fmt.Errorf("fairness constraints are for two classes, and there are %d", d.Classes)
	case r.Head != nil:
		_, err := d.Train.group(c.group())
		return err
	}
	return nil
}

// group is the group column of fairness constraints.
func (c *Config) group() string {
	if c.Group == "" && len(c.Data.Train.Groups) == 1 {
		return c.Data.Train.Groups[0].Name
	}
	return c.Group
}

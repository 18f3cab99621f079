package training

import (
	"fmt"
	"strings"

	"abstain/harness/training/attack"
	"abstain/harness/training/regime"
)

// Preset is one paper's comparison at the size of the embedded digits, with settings that are those of the paper's
// notes. One was chosen after numbers had been seen: that the look-aheads of gamma-Net are of the sum over a batch.
type Preset struct {
	ID, Paper string
	Digits    Digits
	Recipe    Recipe
	Families  []string
	Regimes   []string
	Seeds     int
	Reference string // the regime that the others are compared with; "" is vanilla
	Sum       bool   // look-aheads are of the sum over a batch
	Run       string // flags with which abstain run computes what the preset's table needs, beside its groups
}

// Presets are all of them.
var Presets = []Preset{
	{
		ID: "distillation", Run: "--transform none,temperature", Paper: "Galil, Dabbah and El-Yaniv 2023 (523 classifiers)",
		Digits: Digits{Noise: 0.4, Train: 400, Val: 300}, Families: []string{"mlp-64"}, Seeds: 5,
		Recipe:  Recipe{Epochs: 200, Batch: 50, Rate: 0.05, Momentum: 0.9},
		Regimes: []string{"distillation", "dropout", "mc-dropout", "ensemble"},
	},
	{
		// The sum is what the code has that gamma-Net's authors extend (Meta-Calibration). With the mean of 50 samples
		// the virtual step is 50 times smaller, and gamma-Net lowers gamma at first: in 150 epochs it does not come
		// back to what calibrates.
		ID: "gamma-net", Paper: "Wang and Golebiowski 2024 (gamma-Net and SECE)", Sum: true,
		Run:    "--transform none,temperature,temperature-ece --metrics +ece-classwise,sece",
		Digits: Digits{Noise: 0.4, Train: 400, Val: 100, Meta: 200}, Families: []string{"mlp-64"}, Seeds: 5,
		Recipe:  Recipe{Epochs: 150, Batch: 50, Rate: 0.05, Momentum: 0.9},
		Regimes: []string{"brier", "mmce", "label-smoothing", "label-smoothing-learned", "label-smoothing-by-class", "focal", "flsd-53", "dece", "gamma-net", "gamma-net-sece", "gamma-net-dece"},
	},
	{
		ID: "adr", Reference: "pgd-at", Run: "--confidence msp,entropy", Paper: "Wu, Wang and Chen 2024 (annealing self-distillation rectification)",
		Digits: Digits{Train: 300, Val: 300, Box: true}, Families: []string{"mlp-128"}, Seeds: 5,
		Recipe: Recipe{Epochs: 100, Batch: 50, Rate: 0.05, Fall: 0.75, Momentum: 0.9, Decay: 5e-4, Nesterov: true,
			Ball: attack.Ball{Epsilon: 0.2, Alpha: 0.05, Steps: 10}, Test: attack.Ball{Epsilon: 0.2, Alpha: 0.025, Steps: 20},
			Annealing: regime.Annealing{HighT: 2, LowT: 1, LowLambda: 0.5, HighLambda: 0.9}},
		Regimes: []string{"pgd-at", "pgd-at-wa", "pgd-at-selected", "pgd-at-awp", "trades", "trades-wa", "adr", "adr-wa", "adr-selected", "adr-constant", "adr-trades", "adr-clean"},
	},
	{
		ID: "fairness", Paper: "Mao et al. 2023 (last-layer fairness fine-tuning)",
		Digits: Digits{Noise: 0.5, Train: 900, Val: 300, Group: true}, Families: []string{"mlp-64"}, Seeds: 5,
		Recipe: Recipe{Epochs: 60, Batch: 50, Rate: 0.02, Momentum: 0.9},
		Regimes: []string{"last-layer-b1", "last-layer-b2", "last-layer-b3", "last-layer-m1-eo", "last-layer-m1-eo-rate", "last-layer-m1-dp", "last-layer-m1-di", "last-layer-m1-ae",
			"last-layer-m1-mmf", "last-layer-m2-eo", "last-layer-m2-di", "last-layer-m2-ae", "last-layer-m2-mmf"},
	},
	{
		ID: "last-layer", Run: "--transform none,temperature", Paper: "what a new last layer can mend: calibration and fairness", Digits: frozenDigits,
		Families: []string{"mlp-64"}, Seeds: 5, Recipe: Recipe{Epochs: 60, Batch: 50, Rate: 0.02, Momentum: 0.9}, Sum: true,
		Regimes: []string{"gamma-net-sece", "last-layer-b3", "last-layer-m2-eo"},
	},
}

// Flags are those of Run, with the groups of the preset's own data.
func (p Preset) Flags() string {
	if !p.Digits.Group {
		return p.Run
	}
	return strings.TrimSpace(p.Run + " --groups " + plantedGroup)
}

// PresetByID finds a preset.
func PresetByID(id string) (Preset, error) {
	var ids []string
	for _, p := range Presets {
		if p.ID == id {
			return p, nil
		}
		ids = append(ids, p.ID)
	}
	return Preset{}, fmt.Errorf("no preset is called %q; there are %s", id, strings.Join(ids, ", "))
}

// Config is the preset's training, on data drawn with that seed.
func (p Preset) Config(seed uint64) (Config, error) {
	p.Digits.Seed = seed
	d, err := p.Digits.Load()
	return Config{Data: d, Recipe: p.Recipe, Regimes: p.Regimes, Families: p.Families, Seeds: p.Seeds, Seed: seed, Preset: p.ID, Sum: p.Sum}, err
}

// On is the preset's training of last layers on stored features: its recipe and seeds, and those of its regimes that
// the data allow. It is an error if they allow none.
func (p Preset) On(d *Data, seed uint64, group string) (Config, error) {
	c := Config{Data: d, Recipe: p.Recipe, Regimes: []string{"vanilla"}, Families: lastLayers, Seeds: p.Seeds, Seed: seed, Preset: p.ID, Sum: p.Sum, Group: group}
	var lacking error
	for _, id := range p.Regimes {
		r, _ := regime.ByID(id)
		switch err := c.lacks(r); {
		case err == nil && lastLayer.suits(r):
			c.Regimes = append(c.Regimes, id)
		case lacking == nil && err != nil:
			lacking = fmt.Errorf("preset %s: regime %s: %w", p.ID, id, err)
		}
	}
	if len(c.Regimes) == 1 {
		return c, lacking
	}
	return c, nil
}

// OnFeatures is the training of last layers on stored features, under all regimes that the data allow.
func OnFeatures(d *Data, seed uint64) Config {
	return Config{Data: d, Recipe: GridRecipe, Families: lastLayers, Seeds: 5, Seed: seed}
}

// lastLayer is the family of last layers on stored features.
var (
	lastLayer  = Families[0]
	lastLayers = []string{lastLayer.ID}
)

// Lacking says which regimes the data do not allow, and why: a sentence for each reason.
func (c *Config) Lacking() []string {
	var reasons, sentences []string
	ids := map[string][]string{}
	for _, r := range regime.All {
		if err := c.lacks(r); err != nil {
			if ids[err.Error()] == nil {
				reasons = append(reasons, err.Error())
			}
			ids[err.Error()] = append(ids[err.Error()], r.ID)
		}
	}
	for _, reason := range reasons {
		sentences = append(sentences, fmt.Sprintf("%d regimes are left out, such as %s: %s", len(ids[reason]), ids[reason][0], reason))
	}
	return sentences
}

// Grid is the training of the embedded grid.
func Grid(seed uint64) (Config, error) {
	g := GridDigits
	g.Seed = seed
	d, err := g.Load()
	return Config{Data: d, Recipe: GridRecipe, Models: 523, Seed: seed}, err
}

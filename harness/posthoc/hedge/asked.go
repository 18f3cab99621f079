package hedge

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"abstain/harness/posthoc"
	"abstain/metrics/credal"
)

// Asked says which model lends its calibration to which others, and how.
type Asked struct {
	Cloud      string    `json:"cloud"`
	Edge       string    `json:"edge"` // pattern of names, as path.Match has it
	Divergence string    `json:"divergence"`
	More       []string  `json:"more,omitempty"` // the same with further orders, for curves over them
	Eps        []float64 `json:"eps"`            // the first one makes rows of results.csv
	Temper     string    `json:"temper"`
	Fit        string    `json:"fit"`
	By         string    `json:"by"` // the cloud's temperature: nll or ece
}

// Parse reads "cloud=MODEL,edge=GLOB,divergence=kl,eps=0.1", with alpha=A for the order of alpha
// and renyi, temper=SPLIT, fit=SPLIT and by=nll|ece. Several eps or orders are parted by colons.
func Parse(text string) (*Asked, error) {
	a := &Asked{Edge: "*", Divergence: "kl", Eps: []float64{0.1}, By: "nll"}
	alpha := ""
	for part := range strings.SplitSeq(text, ",") {
		key, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || value == "" {
			return nil, fmt.Errorf("credal: %q: want key=value, such as cloud=resnet50,edge=*,divergence=kl,eps=0.1", part)
		}
		switch key {
		case "cloud":
			a.Cloud = value
		case "edge":
			a.Edge = value
		case "divergence":
			a.Divergence = value
		case "alpha":
			alpha = value
		case "temper":
			a.Temper = value
		case "fit":
			a.Fit = value
		case "by":
			a.By = value
		case "eps":
			var err error
			if a.Eps, err = numbers(value); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("credal: unknown key %q; there are cloud, edge, divergence, eps, alpha, temper, fit, by", key)
		}
	}
	return a, a.complete(alpha)
}

// numbers reads what eps says.
func numbers(text string) ([]float64, error) {
	var list []float64
	for part := range strings.SplitSeq(text, ":") {
		v, err := strconv.ParseFloat(part, 64)
		if err != nil || !(v > 0 && v < 1) {
			return nil, fmt.Errorf("credal: eps %q: want the share of rows whose set may miss the cloud's distribution, between 0 and 1", part)
		}
		if slices.Contains(list, v) {
			return nil, fmt.Errorf("credal: eps %v is asked twice", v)
		}
		list = append(list, v)
	}
	return list, nil
}

// complete fills in defaults and refuses what cannot be.
func (a *Asked) complete(alpha string) error {
	if a.Cloud == "" {
		return fmt.Errorf("credal: cloud=MODEL is missing: the model whose calibration is borrowed")
	}
	if _, err := path.Match(a.Edge, ""); err != nil {
		return fmt.Errorf("credal: edge %q is no pattern of names: %w", a.Edge, err)
	}
	if a.By != "nll" && a.By != "ece" {
		return fmt.Errorf("credal: by=%s: the cloud's temperature is chosen by nll or ece", a.By)
	}
	orders := []string{""}
	switch ordered := a.Divergence == "alpha" || a.Divergence == "renyi"; {
	case ordered && alpha == "":
		return fmt.Errorf("credal: divergence %s needs its order, such as alpha=0.9", a.Divergence)
	case ordered:
		orders = strings.Split("@"+strings.ReplaceAll(alpha, ":", ":@"), ":")
	case alpha != "":
		return fmt.Errorf("credal: divergence %s has no alpha", a.Divergence)
	}
	kind := a.Divergence
	for i, order := range orders {
		d, err := credal.Parse(kind + order)
		switch name := d.String(); {
		case err != nil:
			return fmt.Errorf("credal: %w", err)
		case i == 0:
			a.Divergence = name
		case name == a.Divergence || slices.Contains(a.More, name):
			return fmt.Errorf("credal: alpha %v is asked twice", d.Alpha)
		default:
			a.More = append(a.More, name)
		}
	}
	a.given()
	return nil
}

// given fills in the splits: one that is named serves for both, and val without any.
func (a *Asked) given() {
	if a.Temper == "" {
		a.Temper = a.Fit
	}
	if a.Temper == "" {
		a.Temper = posthoc.DefaultFitSplit
	}
	if a.Fit == "" {
		a.Fit = a.Temper
	}
}

// divergences are the parsed ones; the first makes rows of results.csv.
func (a *Asked) divergences() []credal.Divergence {
	var all []credal.Divergence
	for _, name := range append([]string{a.Divergence}, a.More...) {
		d, err := credal.Parse(name)
		if err != nil {
			panic(err) // complete has parsed it
		}
		all = append(all, d)
	}
	return all
}

// edges reports whether a model is one of the edges.
func (a *Asked) edges(model string) bool {
	ok, _ := path.Match(a.Edge, model)
	return ok && model != a.Cloud
}

// protocol names all that decides the numbers, for keys.
func (a *Asked) protocol() string {
	return fmt.Sprintf("%s|%v|%s|%s|%s|%d", strings.Join(append([]string{a.Divergence}, a.More...), ","), a.Eps, a.Temper, a.Fit, a.By, version)
}

// version is raised when the numbers change.
const version = 2

package palette

import "strings"

// Regime is what is known of a training regime by its name.
type Regime struct {
	Name  string // as the user writes it
	Label string // in plain words, for titles, rows and keys: "few data" for "few-data"
	Kind  Kind
	Known bool // the name is in the table; otherwise Label is the name itself and Kind is Other
}

// Colour is the colour of the regime's kind.
func (r Regime) Colour() Colour { return r.Kind.Colour() }

// Of looks a regime up. Case does not matter, and spaces and underscores are taken for
// hyphens. An empty name is a regime that is not stated.
func Of(name string) Regime {
	key := spell(name)
	for _, t := range table {
		for i, n := range t.names {
			if n != key {
				continue
			}
			label := t.label
			if label == "" {
				label = strings.ReplaceAll(t.names[i], "-", " ")
			}
			return Regime{name, label, t.kind, true}
		}
	}
	if r, ok := suffixed(name, key); ok {
		return r
	}
	return Regime{Name: name, Label: name, Kind: Other}
}

// spell brings a name into the spelling of the table.
func spell(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return r == ' ' || r == '_' || r == '-' || r == '\t' || r == '\u00a0'
	})
	return strings.Join(words, "-")
}

// suffixed is a regime that "abstain train" names by another one and an ending, such as
// "pgd-at-wa": it is of the other's kind.
func suffixed(name, key string) (Regime, bool) {
	for ending, words := range map[string]string{
		"-wa": " with averaged weights", "-awp": " with perturbed weights", "-selected": ", best checkpoint",
	} {
		if base, ok := strings.CutSuffix(key, ending); ok && base != "" {
			if r := Of(base); r.Known {
				return Regime{name, r.Label + words, r.Kind, true}, true
			}
		}
	}
	return Regime{}, false
}

// table has the names of regimes, in the spelling of spell: those of the demo and of
// "abstain train", those of the study of 523 ImageNet classifiers, and what else is
// common. The first name of a row is the usual one; without a label each name is its own.
var table = []struct {
	kind  Kind
	label string
	names []string
}{
	{Other, "not stated", []string{""}},
	{Plain, "plain", []string{"vanilla", "plain", "standard", "baseline", "cross-entropy", "ce", "erm", "none", "supervised"}},

	{Teaching, "distilled", []string{"distilled", "distillation", "kd", "knowledge-distillation"}},
	{Teaching, "pretrained", []string{"pretrained", "pre-trained", "pretraining", "finetuned", "fine-tuned"}},
	{Teaching, "pretrained on ImageNet-21k", []string{"pretrained-21k", "imagenet-21k", "in21k", "21k", "in22k"}},
	{Teaching, "semi-supervised", []string{"semi-supervised", "ssl", "pseudo-label", "pseudo-labels"}},
	{Teaching, "weakly supervised", []string{"weakly-supervised", "wsl", "swsl"}},
	{Teaching, "self-supervised", []string{"self-supervised"}},
	{Teaching, "noisy student", []string{"noisy-student", "ns"}},
	{Teaching, "CLIP", []string{"clip"}},

	{Loss, "label smoothing", []string{"label-smoothing", "ls", "label-smoothed"}},
	{Loss, "learned label smoothing", []string{"label-smoothing-learned"}},
	{Loss, "learned label smoothing by class", []string{"label-smoothing-by-class"}},
	{Loss, "focal loss", []string{"focal", "focal-loss"}},
	{Loss, "focal loss FLSD-53", []string{"flsd-53", "flsd53"}},
	{Loss, "Brier loss", []string{"brier", "brier-loss"}},
	{Loss, "MMCE", []string{"mmce"}},
	{Loss, "soft-binned ECE", []string{"dece", "soft-ece"}},
	{Loss, "gamma-Net", []string{"gamma-net"}},
	{Loss, "gamma-Net with SECE", []string{"gamma-net-sece"}},
	{Loss, "gamma-Net with DECE", []string{"gamma-net-dece"}},
	{Loss, "logit norm", []string{"logit-norm", "logitnorm"}},
	{Loss, "confidence penalty", []string{"confidence-penalty"}},
	{Loss, "one versus rest", []string{"one-vs-rest", "ovr", "one-vs-all", "bce"}},

	{Regularised, "", []string{"weight-decay", "dropout", "mixup", "cutmix", "cutout", "manifold-mixup"}},
	{Regularised, "augmented", []string{"augmented", "augmentation", "autoaugment", "randaugment", "augmix"}},
	{Regularised, "averaged weights", []string{"weight-averaged", "weight-averaging", "swa", "ema"}},
	{Regularised, "adversarial", []string{"adversarial", "adversarial-training", "at"}},
	{Regularised, "AdvProp", []string{"advprop", "adv-prop"}},
	{Regularised, "SAM", []string{"sam"}},
	{Regularised, "FGSM training", []string{"fgsm-at", "fgsm"}},
	{Regularised, "PGD training", []string{"pgd-at", "pgd"}},
	{Regularised, "TRADES", []string{"trades"}},
	{Regularised, "ADR", []string{"adr"}},
	{Regularised, "ADR in TRADES", []string{"adr-trades"}},
	{Regularised, "ADR at constant temperature", []string{"adr-constant"}},
	{Regularised, "ADR without attack", []string{"adr-clean"}},

	{LessData, "few data", []string{"few-data", "less-data", "low-data", "few-shot"}},
	{LessData, "noisy labels", []string{"noisy-label", "noisy-labels", "label-noise"}},
	{LessData, "stopped early", []string{"early-stopped", "early-stopping"}},
	{LessData, "trained too long", []string{"over-trained", "overtrained"}},

	{Several, "ensemble", []string{"ensemble", "deep-ensemble", "deep-ensembles", "voting", "stacked"}},
	{Several, "bagged", []string{"bagged", "bagging"}},
	{Several, "boosted", []string{"boosted", "boosting"}},
	{Several, "MC dropout", []string{"mc-dropout", "mcdropout", "monte-carlo-dropout"}},
	{Several, "teacher of distillation", []string{"teacher"}},

	{Calibrated, "calibrated", []string{"calibrated", "temperature-scaled", "temperature-scaling", "platt", "isotonic"}},

	// Classifiers made fair: a kind of their own that no other figure needs a colour for.
	{Other, "blind to the attribute", []string{"attribute-blind"}},
	{Other, "reweighed", []string{"reweighed", "reweighing", "reweighted"}},
	{Other, "last layer, B1", []string{"last-layer-b1"}},
	{Other, "last layer, B2", []string{"last-layer-b2"}},
	{Other, "last layer, B3", []string{"last-layer-b3"}},
	{Other, "last layer, M1 EO", []string{"last-layer-m1-eo"}},
	{Other, "last layer, M1 EO by rates", []string{"last-layer-m1-eo-rate"}},
	{Other, "last layer, M1 DP", []string{"last-layer-m1-dp"}},
	{Other, "last layer, M1 DI", []string{"last-layer-m1-di"}},
	{Other, "last layer, M1 AE", []string{"last-layer-m1-ae"}},
	{Other, "last layer, M1 MMF", []string{"last-layer-m1-mmf"}},
	{Other, "last layer, M2 EO", []string{"last-layer-m2-eo"}},
	{Other, "last layer, M2 DI", []string{"last-layer-m2-di"}},
	{Other, "last layer, M2 AE", []string{"last-layer-m2-ae"}},
	{Other, "last layer, M2 MMF", []string{"last-layer-m2-mmf"}},
}

package study

// scope is a set of models that are correlated by themselves.
type scope struct {
	name   string // "all", or a family
	regime string // of the family's models; "" for all of them
	// pooled are the models of the family in any regime; nil where members are these.
	members, pooled []int
}

// baseTwin stands for the regime of a model that names none but is the base of others.
const baseTwin = "base twins"

// unnamedRegime stands for the regime of models of which nothing says how they were trained,
// in a family where others name theirs.
const unnamedRegime = "regime not named"

// scopes are the families, and for those whose models are of several training regimes
// each regime of the family. The study of 523 classifiers compares inside families of one
// regime, too.
func (f *Folder) scopes() []scope {
	named := map[string]bool{}
	for _, s := range f.models {
		named[s.meta.Get("base")] = true
	}
	var list []scope
	families, members := f.by("family")
	for _, family := range families {
		list = append(list, scope{name: family, members: members[family]})
		var regimes []string
		of := map[string][]int{}
		for _, i := range members[family] {
			r := f.regimeOf(i, named)
			if of[r] == nil {
				regimes = append(regimes, r)
			}
			of[r] = append(of[r], i)
		}
		if len(regimes) == 1 {
			continue
		}
		for _, r := range regimes {
			list = append(list, scope{family, r, of[r], members[family]})
		}
	}
	return list
}

// regimeOf is how a model was trained, as far as the folder says.
func (f *Folder) regimeOf(i int, named map[string]bool) string {
	if r := f.models[i].meta.Get("regime"); r != "" {
		return r
	}
	if named[f.models[i].row.Model] {
		return baseTwin
	}
	return unnamedRegime
}

// correlateIn correlates two columns over the models of a scope.
func (f *Folder) correlateIn(a, b *column, in scope) (Correlation, bool) {
	c, ok := f.correlate(a, b, in.members, in.name)
	c.Regime = in.regime
	if in.pooled != nil && ok {
		all, _ := f.correlate(a, b, in.pooled, in.name)
		c.Pooled = all.Spearman
	}
	return c, ok
}
